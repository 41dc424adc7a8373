/**
 * Makes a run ready for others that this worker held. Invariant: it is done to the run as it was then; of one
 * that somebody has taken hold of since, be it in this runtime, or that is over, it is not.
 */
import { HoldfastError } from "../errors/index.ts";
import type { Run, RunState, Store } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";

/** False if the run is not to be let go of any more. */
export async function letGoOf(
  store: Store,
  { runId, epoch }: Pick<Run, "runId" | "epoch">,
  how: Pick<RunState, "why" | "readyInMs"> = {},
): Promise<boolean> {
  const [now] = await store.standings([runId]);
  if (now === undefined || now.epoch !== epoch || isOver(now.status)) return false;
  try {
    // Its writer may be one that nothing is taken from any more.
    const writer = await store.takeOver(runId, { epoch });
    await writer.putState({ ...how, status: "queued", release: true });
    return true;
  } catch (error) {
    if (HoldfastError.is(error, "RUN_TAKEN_OVER")) return false;
    throw error;
  }
}
