/**
 * What every store does, whatever it stands on: the meaning of the interface, as tests. Each takes
 * runs and spaces of its own, so all share one database.
 */
import { beforeAll, describe } from "vitest";
import type { Store } from "../../../src/store/index.ts";
import { describeClaims } from "./claims.ts";
import { describeClosing } from "./closing.ts";
import { describeControl } from "./control.ts";
import { describeFence } from "./fence.ts";
import { describeJournal } from "./journal.ts";
import { describeLists } from "./lists.ts";
import { describePrograms } from "./programs.ts";
import { describeRemoval } from "./removal.ts";
import { describeRuns } from "./runs.ts";
import { describeSessions } from "./sessions.ts";
import { describeStates } from "./states.ts";
import { describeWaits } from "./waits.ts";

/** Handles on one database. Each is to the others what a process is to other processes. */
export interface Handles {
  readonly store: Store;
  another(): Promise<Store>;
}

/** Four handles that are there already, and more. */
export interface Processes {
  readonly stores: readonly [Store, Store, Store, Store];
  another(): Promise<Store>;
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
      const { store, another } = await open();
      const others = [await another(), await another(), await another()] as const;
      processes = { stores: [store, ...others], another };
    });
    const given = () => processes;

    describeRuns(given);
    describeJournal(given);
    describeLists(given);
    describeSessions(given);
    describeFence(given);
    describeClaims(given);
    describeStates(given);
    describeControl(given);
    describeWaits(given);
    describeRemoval(given);
    describeClosing(given);
    describePrograms(given, programs);
  });
}
