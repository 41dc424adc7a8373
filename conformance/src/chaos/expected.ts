/** What a program returns if everything went as it should. */
import type { Part } from "./program.ts";

/** What everybody is told who waits for a signal, */
export const TOLD = "told";
/** and what a step came to that a person has settled. */
export const SETTLED = "settled by a person";

/** Of each value: what it is to be. */
type Expected = (value: string) => boolean;

/** @param valueOfStep what a step returned, as those saw it who watched */
export function isExpected(
  output: unknown,
  parts: readonly Part[],
  valueOfStep: (id: string) => string | undefined,
): boolean {
  const expected = expectedOf(parts, valueOfStep);
  return (
    Array.isArray(output) &&
    output.length === expected.length &&
    expected.every((isRight, nth) => isRight(output[nth]))
  );
}

function expectedOf(
  parts: readonly Part[],
  valueOfStep: (id: string) => string | undefined,
): readonly Expected[] {
  return parts.flatMap((part): readonly Expected[] => {
    switch (part.do) {
      case "step": {
        const { id } = part;
        return [(value) => value.startsWith(`${id}: `) && value === valueOfStep(id)];
      }
      case "approval":
        return [(value) => value === `${part.id}: true by ana`];
      case "signal":
        return [(value) => value === `${part.id}: ${TOLD}`];
      case "sleep":
        return [];
      default:
        return expectedOf(part.parts, valueOfStep);
    }
  });
}
