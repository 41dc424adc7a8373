/** People and other programs, who answer what a run asks. They look at the database, and never die. */
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import type { Store, Wait } from "@holdfast/core/store";
import { keyOfPart, runOfPart } from "./beside.ts";
import type { People, Scenario } from "./scenario.ts";

interface Around {
  readonly scenario: Scenario;
  readonly store: Store;
  readonly runId: string;
  readonly happened: People["happened"];
  /**
   * Whether they answer only what a run has been left for: whether it still is in memory is chance, and
   * it writes more or less by that. Default: they answer whatever is asked.
   */
  readonly slow?: boolean;
}

const LOOK_MS = 10;

/** Looks until it is told to leave. Throws then what answering threw. */
export function peopleAnswer({ scenario, store, runId, happened, slow = false }: Around): {
  leave(): Promise<void>;
} {
  const runtime = new Runtime({ ...scenario.options, store });
  const asking = runsOf(scenario, runId).flatMap(({ scenario, runId, keyOf }) => {
    const { answer } = scenario;
    if (answer === undefined) return [];
    const handle = runtime.handle(runId);
    const people: People = { handle, happened: (key) => happened(keyOf(key)) };
    const answered = new Set<number>();
    const answerOnce = async (wait: Wait) => {
      if (answered.has(wait.seq)) return;
      answered.add(wait.seq);
      await answer.call(scenario, wait, people);
    };
    return [{ runId, answerOnce }];
  });
  if (asking.length === 0) return { leave: async () => {} };
  let isLeft = false;

  async function look(): Promise<void> {
    while (!isLeft) {
      for (const { runId, answerOnce } of asking) {
        const run = await store.run(runId);
        const isAsked = run !== undefined && (!slow || run.status === "waiting");
        for (const wait of isAsked ? await store.waits(run.runId) : []) await answerOnce(wait);
      }
      await sleep(LOOK_MS);
    }
  }

  const looking = look();
  looking.catch(() => {});
  return {
    leave: async () => {
      isLeft = true;
      await looking;
    },
  };
}

interface RunOf {
  readonly scenario: Scenario;
  readonly runId: string;
  /** An effect of the scenario's, as it is named outside. */
  keyOf(key: string): string;
}

function runsOf(scenario: Scenario, runId: string): readonly RunOf[] {
  const { parts } = scenario;
  if (parts === undefined) return [{ scenario, runId, keyOf: (key) => key }];
  return parts.map((part) => ({
    scenario: part,
    runId: runOfPart(runId, part),
    keyOf: (key) => keyOfPart(part, key),
  }));
}
