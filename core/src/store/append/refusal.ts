/**
 * Why the fence turned rows away, found by looking at where their runs stand now. A row that is
 * there under our own epoch was ours: its acknowledgement had been lost. (An epoch has one writer,
 * and a writer gives each number once.)
 */
import type { Pool } from "pg";
import { HoldfastError } from "../../errors/index.ts";
import { runGone, takenOver } from "../store-errors.ts";
import type { PendingRow, RunHold } from "./row.ts";
import { PROBE } from "./statements.ts";

export type Verdict = "stored" | "again" | HoldfastError;

interface Probed {
  readonly run_id: string;
  readonly seq: number;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
  readonly written: number | null;
}

/** A verdict for each row. Raises `hold.sweeps` where the space was swept meanwhile. */
export async function judgeRefused(
  pool: Pool,
  refused: readonly PendingRow[],
): Promise<ReadonlyMap<PendingRow, Verdict>> {
  const { rows } = await pool.query<Probed>({
    ...PROBE,
    values: [
      refused.map(({ hold }) => hold.bucket),
      refused.map(({ hold }) => hold.runId),
      refused.map(seqOf),
    ],
  });
  const found = new Map(rows.map((row) => [`${row.run_id} ${row.seq}`, row]));
  return new Map(
    refused.map((pending) => [
      pending,
      judge(pending, found.get(`${pending.hold.runId} ${seqOf(pending)}`)),
    ]),
  );
}

/** Others than entries have none; the entry 0 does not exist, so only their run is looked at. */
function seqOf({ row }: PendingRow): number {
  return row.into === "steps" ? row.seq : 0;
}

function judge({ hold }: PendingRow, found: Probed | undefined): Verdict {
  if (found === undefined || found.born !== hold.born) return runGone(hold);
  if (found.written === hold.epoch) return "stored";
  if (found.epoch !== hold.epoch) return takenOver(hold, found.epoch);
  if (found.written !== null) return occupied(hold, found);
  hold.sweeps = found.sweeps;
  return "again";
}

function occupied({ runId, epoch }: RunHold, { seq, written }: Probed): HoldfastError {
  return new HoldfastError(
    "STORE_CORRUPT",
    `Run ${runId} holds an entry ${seq} of epoch ${written} where its owner, epoch ${epoch}, was about to write.`,
    {
      hint: "Something other than Holdfast wrote to holdfast.steps. Restore the run's rows, then let it be taken over again.",
      details: { runId, seq, expected: epoch, found: written },
    },
  );
}
