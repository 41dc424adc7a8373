/** Tells values that code makes anew each time it runs, by the look of two of them. */

export type Volatility = "time" | "random";

const MONTH =
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const WEEKDAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?";
const CLOCK = "\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:\\s?[ap]m|Z|[+-]\\d{2}:?\\d{2})?";

const TIMES = anyOf(
  `\\d{4}-\\d{2}-\\d{2}(?:[T ]${CLOCK})?`,
  "\\d{8}T\\d{6}Z?",
  "\\d{1,2}[/.]\\d{1,2}[/.]\\d{2,4}",
  `(?:${WEEKDAY},?\\s+)?${MONTH}\\.?\\s+\\d{1,2}(?:,?\\s+\\d{4})?`,
  `(?:${WEEKDAY},?\\s+)?\\d{1,2}\\s+${MONTH}\\.?(?:\\s+\\d{4})?`,
  "(?:mon|tues|wednes|thurs|fri|satur|sun)day",
  CLOCK,
  "1\\d{12}",
);
const RANDOMS = anyOf(
  "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  "[0-9a-f]{16,}",
  "(?=\\w*\\d)(?=\\w*[a-z])\\w{16,}",
);

/**
 * What two values seem to be if they differ in nothing else: times, or random values, as they are or
 * anywhere in a text. A guess, for people.
 */
export function volatility(one: unknown, other: unknown): Volatility | undefined {
  if (typeof one === "number" && typeof other === "number") {
    if (isEpoch(one) && isEpoch(other)) return "time";
    return isRandomNumber(one) && isRandomNumber(other) ? "random" : undefined;
  }
  if (typeof one !== "string" || typeof other !== "string") return undefined;
  const [timeless, otherTimeless] = [one, other].map((text) => text.replace(TIMES, "<time>"));
  if (timeless === otherTimeless) return "time";
  return one.replace(RANDOMS, "<id>") === other.replace(RANDOMS, "<id>") ? "random" : undefined;
}

/** Milliseconds of this century. */
function isEpoch(value: number): boolean {
  return Number.isInteger(value) && value >= 946_684_800_000 && value < 4_102_444_800_000;
}

/** As `Math.random` gives them. */
function isRandomNumber(value: number): boolean {
  return value > 0 && value < 1 && String(value).length > 12;
}

function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(`\\b(?:${patterns.join("|")})\\b`, "gi");
}
