/**
 * Scenarios beside each other in one process, each as a run of its own: when it dies, all of them are
 * somewhere on their way.
 */
import { idOfKey } from "@holdfast/core/store";
import type { Scenario } from "./scenario.ts";

/** Returns what they return, in their order. Their effects begin with their names. */
export function beside(name: string, parts: readonly Scenario[]): Scenario {
  return {
    name,
    parts,
    run: ({ runId, effect, happened, ...process }) =>
      Promise.all(
        parts.map((part) =>
          part.run({
            ...process,
            runId: runOfPart(runId, part),
            effect: (key) => effect(keyOfPart(part, key)),
            happened: (key) => happened(keyOfPart(part, key)),
          }),
        ),
      ),
  };
}

export function runOfPart(runId: string, { name }: Scenario): string {
  return idOfKey("run", "default", `${runId} ${name}`);
}

export function keyOfPart({ name }: Scenario, key: string): string {
  return `${name}: ${key}`;
}
