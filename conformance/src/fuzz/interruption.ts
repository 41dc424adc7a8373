/** What ends an execution from outside: its process hands the run over, or somebody orders something. */
import type { Random } from "./random.ts";

export type Interruption =
  /** The process is on its way out, and gives what is under way so long to come to its end. */
  | { readonly is: "drain"; readonly afterMs: number; readonly graceMs: number }
  | { readonly is: "pause"; readonly afterMs: number; readonly forMs: number }
  | { readonly is: "cancel"; readonly afterMs: number };

/** For some executions one each, beginning with the first. */
export function randomInterruptions(random: Random): readonly (Interruption | undefined)[] {
  if (random.chance(0.5)) return [];
  return Array.from({ length: 1 + random.below(4) }, () => {
    if (random.chance(0.3)) return undefined;
    const afterMs = random.below(random.pick([10, 100, 1_000, 30_000]));
    if (random.chance(0.1)) return { is: "cancel", afterMs };
    if (random.chance(0.4)) {
      return { is: "pause", afterMs, forMs: random.below(random.pick([50, 60_000])) };
    }
    return { is: "drain", afterMs, graceMs: random.below(random.pick([50, 1_000, 60_000])) };
  });
}

export function printInterruption(interruption: Interruption | undefined): string {
  if (interruption === undefined) return "nothing";
  const { is, afterMs } = interruption;
  const more =
    is === "drain"
      ? `, given ${interruption.graceMs} ms`
      : is === "pause"
        ? `, for ${interruption.forMs} ms`
        : "";
  return `${is} after ${afterMs} ms${more}`;
}
