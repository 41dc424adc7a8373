/**
 * Events as they are at one moment. ADK marks its events by a symbol, which is not stored, and shares
 * one `actions` object among all events of a model call, which goes on growing.
 */
import { createEvent, type Event, type EventActions } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { copyActions } from "./action-delta.ts";
import { plainCopy } from "./plain-copy.ts";

const MARK = Symbol.for("google.adk.event");

export function isEvent(value: unknown): value is Event {
  return typeof value === "object" && value !== null && MARK in value;
}

/** The event as plain data, without what `eventOf` adds again: most events do not act. */
export function plainEvent(event: Event): Event {
  const { actions, longRunningToolIds, ...said } = Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  ) as unknown as Event;
  const done = Object.entries(copyActions(actions)).filter(([, value]) => !isEmpty(value));
  const plain: Partial<Event> = {
    ...said,
    ...(done.length > 0 && { actions: Object.fromEntries(done) as unknown as EventActions }),
    ...(!isEmpty(longRunningToolIds) && { longRunningToolIds }),
  };
  return plain as Event;
}

/** The event as it is now, for whoever keeps it: what others still change is copied. */
export function eventNow(run: RunContext, event: Event): Event {
  const plain = plainEvent(event);
  const { actions, output } = plain;
  return eventOf({
    ...plain,
    ...(actions !== undefined && { actions: plainCopy(run, actions) }),
    ...(output !== undefined && { output: plainCopy(run, output) }),
  });
}

/** Plain data as an event that ADK knows for one. */
export function eventOf(plain: Event): Event {
  return createEvent(plain);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
