/** A queue of rows that also tells, once a run has a new state and that is durable. */
import type { RowQueue, StateRow } from "../append/row.ts";
import type { Hint } from "./hint.ts";

type Say = (topic: keyof Hint, subject: string) => void;

export function hintingQueue(
  queue: RowQueue,
  { runId, app }: { readonly runId: string; readonly app: string },
  say: Say,
): RowQueue {
  const tell = ({ status, release, readyInMs }: StateRow) => {
    say("moved", runId);
    if (release && status === "queued" && readyInMs === 0) say("ready", app);
  };
  return {
    room: () => queue.room(),
    append(hold, row, ...how) {
      const durable = queue.append(hold, row, ...how);
      if (row.into === "runs") durable.then(() => tell(row)).catch(() => {});
      return durable;
    },
  };
}
