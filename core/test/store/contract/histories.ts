/** Histories as agents make them: mostly growing, at times rewritten, trimmed or forked. */
import fc from "fast-check";

/** What an agent does to its history between two calls. */
export type Change =
  | { readonly do: "say"; readonly count: number }
  | { readonly do: "rewrite"; readonly from: number; readonly count: number }
  | { readonly do: "trim"; readonly count: number }
  | { readonly do: "forget" }
  | { readonly do: "return"; readonly to: number };

export const changes = (longest: number): fc.Arbitrary<readonly Change[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("say" as const),
          count: fc.integer({ min: 0, max: 5 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("say" as const),
          count: fc.integer({ min: 50, max: 200 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant("rewrite" as const),
          from: fc.double({ min: 0, max: 1, noNaN: true }),
          count: fc.integer({ min: 0, max: 80 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("trim" as const),
          count: fc.integer({ min: 1, max: 40 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("return" as const), to: fc.nat() }) },
    ),
    { minLength: 1, maxLength: longest },
  );

/** The histories that a sequence of changes goes through: `return` forks from an earlier one. */
export function histories(all: readonly Change[]): readonly (readonly string[])[] {
  let said = 0;
  const fresh = (count: number) =>
    Array.from({ length: count }, () => JSON.stringify(`item ${said++}`));
  const past: (readonly string[])[] = [];
  let now: readonly string[] = fresh(1);
  for (const change of all) {
    if (change.do === "say") now = [...now, ...fresh(change.count)];
    if (change.do === "rewrite")
      now = [...now.slice(0, Math.floor(change.from * now.length)), ...fresh(change.count)];
    if (change.do === "trim") now = [...now.slice(0, 1), ...now.slice(1 + change.count)];
    if (change.do === "forget") now = fresh(1);
    if (change.do === "return") now = past.length === 0 ? now : past[change.to % past.length]!;
    past.push(now);
  }
  return past;
}
