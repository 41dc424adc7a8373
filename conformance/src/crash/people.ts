/** People and other programs, who answer what a run asks. They look at the database, and never die. */
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import type { Store } from "@holdfast/core/store";
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
  if (scenario.answer === undefined) return { leave: async () => {} };
  const { answer } = scenario;
  const runtime = new Runtime({ ...scenario.options, store });
  const handle = runtime.handle(runId);
  const answered = new Set<number>();
  let isLeft = false;

  async function look(): Promise<void> {
    while (!isLeft) {
      const run = await store.run(runId);
      const isAsked = run !== undefined && (!slow || run.status === "waiting");
      for (const wait of isAsked ? await store.waits(run.runId) : []) {
        if (answered.has(wait.seq)) continue;
        answered.add(wait.seq);
        await answer.call(scenario, wait, { handle, happened });
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
