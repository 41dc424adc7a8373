/** People and other programs, who answer what a run asks. They look at the database, and never die. */
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import type { Store } from "@holdfast/core/store";
import type { Outside } from "./outside.ts";
import type { Scenario } from "./scenario.ts";

interface Around {
  readonly scenario: Scenario;
  readonly store: Store;
  readonly runId: string;
  readonly outside: Outside;
}

const LOOK_MS = 10;

/** Looks until it is told to leave. Throws then what answering threw. */
export function peopleAnswer({ scenario, store, runId, outside }: Around): {
  leave(): Promise<void>;
} {
  if (scenario.answer === undefined) return { leave: async () => {} };
  const { answer } = scenario;
  const runtime = new Runtime({ ...scenario.options, store });
  const handle = runtime.handle(runId);
  const answered = new Set<number>();
  const happened = (key: string) => outside.happened(key);
  let isLeft = false;

  async function look(): Promise<void> {
    while (!isLeft) {
      const isThere = (await store.run(runId)) !== undefined;
      for (const wait of isThere ? await store.waits(runId) : []) {
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
