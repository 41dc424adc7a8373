/** Encoded values as people read them in a message: never whole if they are long, and no passwords. */

const LONGEST = 200;
/** How much of what two long texts have in common is shown before they part. */
const BEFORE = 40;

const SECRET =
  /passw(?:or)?d|passphrase|secret|api[-_]?key|authorization|credential|private[-_]?key|token$/i;
const HIDDEN = "(hidden)";

/** The beginning of a value: 200 characters of it at most. */
export function excerpt(tree: unknown): string {
  return cut(textOf(tree), 0);
}

/** Two values around the place where they begin to differ: 200 characters of each at most. */
export function excerpts(one: unknown, other: unknown): readonly [string, string] {
  const texts = [textOf(one), textOf(other)] as const;
  if (texts.every(({ length }) => length <= LONGEST)) return texts;
  const from = commonLength(...texts) - BEFORE;
  return [cut(texts[0], from), cut(texts[1], from)];
}

/** Whether what is kept under this name is not for everybody's eyes. */
export function isSecret(name: string): boolean {
  return SECRET.test(name);
}

function textOf(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (isSecret(key) ? HIDDEN : value));
}

function cut(text: string, from: number): string {
  const start = Math.max(from, 0);
  const end = start + LONGEST;
  if (start === 0 && text.length <= end) return text;
  // Not through the middle of a surrogate pair.
  const part = text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  return `${start > 0 ? "…" : ""}${part}${end < text.length ? "…" : ""}`;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
