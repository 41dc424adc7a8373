/**
 * What every store does, whatever it stands on: the meaning of the interface, as tests. Each takes
 * runs and spaces of its own, so all share one database.
 */
import { beforeAll, describe } from "vitest";
import type { Store } from "../../../src/store/index.ts";
import { enter } from "../../support/workers.ts";
import { describeAmendments } from "./amendments.ts";
import { describeApps } from "./apps.ts";
import { describeBurials } from "./burials.ts";
import { describeClaims } from "./claims.ts";
import { describeClosing } from "./closing.ts";
import { describeControl } from "./control.ts";
import { describeFence } from "./fence.ts";
import { describeHints } from "./hints.ts";
import { describeJournal } from "./journal.ts";
import { describeLists } from "./lists.ts";
import { describePrograms } from "./programs.ts";
import { describeReadiness } from "./readiness.ts";
import { describeRemoval } from "./removal.ts";
import { describeRunList } from "./run-list.ts";
import { describeRuns } from "./runs.ts";
import { describeSessions } from "./sessions.ts";
import { describeStates } from "./states.ts";
import { describeThreads } from "./threads.ts";
import { describeWaits } from "./waits.ts";
import { describeWaking } from "./waking.ts";
import { describeWorkers } from "./workers.ts";

/** Handles on one database. Each is to the others what a process is to other processes. */
export interface Handles {
  readonly store: Store;
  another(): Promise<Store>;
  /** Lets a lease run out, as if its worker had not told for so long that it lives. */
  expire(workerId: string): Promise<void>;
}

/** Four handles that are there already, each with a worker that lives for long, and more. */
export interface Processes extends Omit<Handles, "store"> {
  readonly stores: readonly [Store, Store, Store, Store];
  readonly workers: readonly [string, string, string, string];
}

/** `programs` says how many random programs are tried of each kind. */
export function describeStore(
  name: string,
  open: () => Promise<Handles>,
  { programs }: { readonly programs: number },
): void {
  describe(name, () => {
    let processes: Processes;
    beforeAll(async () => {
      const { store, ...more } = await open();
      const { another } = more;
      const others = [await another(), await another(), await another()] as const;
      const worker = async (each: Store) => (await enter(each)).id;
      const workers = [
        await worker(store),
        await worker(others[0]),
        await worker(others[1]),
      ] as const;
      processes = {
        stores: [store, ...others],
        workers: [...workers, await worker(others[2])],
        ...more,
      };
    });
    const given = () => processes;

    describeRuns(given);
    describeJournal(given);
    describeLists(given);
    describeSessions(given);
    describeFence(given);
    describeWorkers(given);
    describeClaims(given);
    describeStates(given);
    describeControl(given);
    describeWaits(given);
    describeReadiness(given);
    describeThreads(given);
    describeAmendments(given);
    describeWaking(given);
    describeBurials(given);
    describeHints(given);
    describeRunList(given);
    describeApps(given);
    describeRemoval(given);
    describeClosing(given);
    describePrograms(given, programs);
  });
}
