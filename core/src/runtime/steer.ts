/**
 * Cancels, pauses and resumes runs. Invariant: whoever holds the run hears of it and does it, in order
 * with what the run does; if nobody holds it, it is done here, unless somebody takes the run up first,
 * who then hears of it.
 */
import { HoldfastError } from "../errors/index.ts";
import { journalOf } from "../run/journal-of.ts";
import { endOf, putCancelled } from "../run/run-end.ts";
import type { Why } from "../run/why.ts";
import type { Control, JournalWriter, NewControl, RunStatus } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { runNotFound } from "../store/store-errors.ts";
import { answerWaitsForEnd } from "./child-result.ts";
import type { Opened } from "./opened.ts";

interface Steering {
  readonly what: "cancel" | "pause" | "resume";
  readonly by: string | undefined;
  readonly reason?: string | undefined;
}

/** Resolves when it is durable that the run is to end. A run that was cancelled before stays as it is. */
export function cancel(opened: Opened, runId: string, how: Omit<Steering, "what">): Promise<void> {
  const { store, codec } = opened;
  const { by, reason } = how;
  return steer(opened, runId, { ...how, what: "cancel" }, async (writer) => {
    // A run can have ended of which only the journal says so yet.
    const end = endOf(await journalOf(store, runId));
    if (end !== undefined) await writer.putState({ status: end, release: true });
    else {
      const cancelled = { ...(reason === undefined ? {} : { reason }), ...(by && { by }) };
      await putCancelled(writer, codec, cancelled);
    }
    await answerWaitsForEnd(store, runId);
  });
}

/** Resolves when it is durable that the run is to pause: a step under way ends first. */
export function pause(opened: Opened, runId: string, by: string | undefined): Promise<void> {
  const { codec } = opened;
  return steer(
    opened,
    runId,
    { what: "pause", by },
    async (writer, { at: since, seq: heardUpTo }) => {
      const why: Why = { reason: "paused", since, ...(by === undefined ? {} : { by }) };
      const { text } = codec.encode(why);
      const state = { status: "waiting", why: text, blocked: "paused", release: true } as const;
      await writer.putState({ ...state, heardUpTo });
    },
  );
}

export function resume(opened: Opened, runId: string, by: string | undefined): Promise<void> {
  return steer(opened, runId, { what: "resume", by }, undefined);
}

async function steer(
  { store, codec, poller }: Opened,
  runId: string,
  { what, by, reason }: Steering,
  /** For a run that nobody holds. */
  here: ((writer: JournalWriter, said: Control) => Promise<void>) | undefined,
): Promise<void> {
  const message: NewControl = {
    key: `${what}/${crypto.randomUUID()}`,
    kind: what,
    ...(by === undefined ? {} : { author: by }),
    ...(reason === undefined ? {} : { value: codec.encode(reason).text }),
  };
  for (;;) {
    const [standing] = await store.standings([runId]);
    if (standing === undefined) throw runNotFound(runId);
    const { status, epoch } = standing;
    if (status === "cancelled" && what === "cancel") return;
    if (isOver(status)) throw over(runId, what, status);
    const { control } = await store.say(runId, message);
    await poller.look();
    if (standing.isHeld || here === undefined) return;
    try {
      // Not if somebody took it up meanwhile, who hears what was said.
      const writer = await store.takeOver(runId, { epoch });
      await here(writer, control!);
      return;
    } catch (error) {
      if (!HoldfastError.is(error) || error.code !== "RUN_TAKEN_OVER") throw error;
    }
  }
}

function over(runId: string, what: string, status: RunStatus): HoldfastError {
  return new HoldfastError("RUN_OVER", `Run ${runId} is ${status}: there is nothing to ${what}.`, {
    hint: "Start a new run. A failed one goes on after handle.retry().",
    details: { runId, status },
  });
}
