/**
 * ADK makes an event of a model's failure and goes on with the next agent. A durable run ends with the
 * failure instead, after that event: `handle.retry()` makes the call once more, and nobody has gone on
 * without its answer. A node that runs an agent itself is told of it by ADK, and may go on.
 */
import type { Event } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { currentTurn } from "./open-turn.ts";

/** By where the call was made: a callback or a plugin can still make an answer of it. */
const failures = new WeakMap<RunContext, Map<string, unknown>>();

export function modelFailed(run: RunContext, place: string, error: unknown): void {
  failures.set(run, (failures.get(run) ?? new Map()).set(place, error));
}

/** The agent's events, up to that of a failure. */
export async function* untilModelFails(
  run: RunContext,
  place: string,
  events: AsyncGenerator<Event, void, undefined>,
): AsyncGenerator<Event, void, undefined> {
  for await (const event of events) {
    yield event;
    if (event.errorCode === undefined || event.partial) continue;
    const ofRun = failures.get(run);
    // What happens in the body of a step is for that step to tell.
    if (ofRun?.has(place) !== true || run.inside !== undefined) continue;
    const error = ofRun.get(place);
    ofRun.delete(place);
    await currentTurn(run)?.fail(error);
  }
}

/** Has the error that ADK makes of the event, if this is one, say which failure of a model is its cause. */
export function traceToModel(run: RunContext, place: string, thrown: unknown): void {
  let told = thrown;
  while (told instanceof Error && "error" in told) told = told.error;
  if (!(told instanceof Error) || told.name !== "NodeReportedError") return;
  const inside = [...(failures.get(run) ?? [])].filter(([path]) => path.startsWith(`${place}/`));
  told.cause ??= inside.at(-1)?.[1];
}
