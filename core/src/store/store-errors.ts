/** What every store says when it refuses, said in one place so that all of them say the same. */
import { HoldfastError } from "../errors/index.ts";
import type { RunHold } from "./append/row.ts";
import { bucketOf } from "./id.ts";
import type { NewRun } from "./runs/run.ts";

export function runNotFound(runId: string): HoldfastError {
  return new HoldfastError("RUN_NOT_FOUND", `There is no run ${runId}.`, {
    hint: "Check the id and the database: the run may be in another one, or it was deleted.",
    details: { runId },
  });
}

export function runGone({ runId }: RunHold): HoldfastError {
  return new HoldfastError("RUN_NOT_FOUND", `Run ${runId} was deleted while it was running.`, {
    hint: "Nothing more of it is recorded. Start a new run if its work is still wanted.",
    details: { runId },
  });
}

export function takenOver(
  { runId, epoch }: Pick<RunHold, "runId" | "epoch">,
  found: number,
): HoldfastError {
  return new HoldfastError(
    "RUN_TAKEN_OVER",
    `Run ${runId} was taken over: this process holds epoch ${epoch}, the database is at ${found}. What it wrote was not recorded.`,
    {
      hint: "Nothing to do: another worker continues the run from its journal. Attach to it by its id.",
      details: { runId, expected: epoch, found },
    },
  );
}

export function workerLost(workerId: string): HoldfastError {
  return new HoldfastError(
    "WORKER_LOST",
    `Worker ${workerId} is not known any more: it was taken for dead, because it had not told for its lease that it lives, or it has left.`,
    {
      hint: "Nothing to do: the process enters anew, as another worker, and its runs go on where somebody took them up. If it happens often, look for what blocks the process, or for its connection.",
      details: { workerId },
    },
  );
}

function bucketsDiffer(runId: string, spaceId: string): HoldfastError {
  return new HoldfastError(
    "ID_INVALID",
    `Run ${runId} cannot belong to space ${spaceId}: their ids carry the buckets ${bucketOf(runId)} and ${bucketOf(spaceId)}.`,
    {
      hint: "Make the run's id with newId(bucketOf(spaceId)): what belongs together lives together.",
      details: { runId, spaceId },
    },
  );
}

export function spaceDeleted(spaceId: string): HoldfastError {
  return new HoldfastError("SPACE_DELETED", `Space ${spaceId} has been deleted.`, {
    hint: "A deleted thread or session takes no more runs. Use another key, or wait until its deletion is swept.",
    details: { spaceId },
  });
}

export function incompleteList(spaceId: string, list: Buffer, what: string): HoldfastError {
  return new HoldfastError(
    "STORE_CORRUPT",
    `List ${list.toString("hex")} of space ${spaceId} cannot be rebuilt: ${what} is missing.`,
    {
      hint: "Rows of holdfast.items or holdfast.lists were removed by something other than Holdfast. Restore them from a backup.",
      details: { spaceId, list: list.toString("hex") },
    },
  );
}

/** Refuses a run whose ids do not go together, or whose names cannot be stored. */
export function checkNewRun(run: NewRun): void {
  const { runId, spaceId = runId, spaceKey, parentId, namespace, app, queue, opening = [] } = run;
  if (run.nameId !== undefined) bucketOf(run.nameId);
  if (bucketOf(spaceId) !== bucketOf(runId)) throw bucketsDiffer(runId, spaceId);
  if (parentId !== undefined) bucketOf(parentId);
  refuseUnstorable(runId, { spaceKey, namespace, app, queue });
  for (const { entry, value } of opening) refuseUnstorable(runId, { entry, value: value?.text });
}

/** Text is stored as it is, and Postgres text holds neither NUL nor half of a surrogate pair. */
export function refuseUnstorable(
  runId: string,
  texts: Readonly<Record<string, string | undefined>>,
): void {
  for (const [field, text] of Object.entries(texts)) {
    if (text === undefined || (text.isWellFormed() && !text.includes("\0"))) continue;
    throw new HoldfastError(
      "STORE_REFUSED_ROW",
      `Run ${runId}: the ${field} ${JSON.stringify(text.slice(0, 80))} holds a NUL character or a lone surrogate.`,
      { hint: `Give it a ${field} of ordinary characters.`, details: { runId, field } },
    );
  }
}
