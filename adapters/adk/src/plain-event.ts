/**
 * Events as they are at one moment. ADK marks its events by a symbol, which is not stored, and shares
 * one `actions` object among all events of a model call, which goes on growing.
 */
import { createEvent, type Event } from "@google/adk";
import { copyActions } from "./action-delta.ts";

const MARK = Symbol.for("google.adk.event");

export function isEvent(value: unknown): value is Event {
  return typeof value === "object" && value !== null && MARK in value;
}

/** The event as plain data. */
export function plainEvent(event: Event): Event {
  const plain = Object.fromEntries(Object.entries(event)) as unknown as Event;
  return { ...plain, actions: copyActions(event.actions) };
}

/** Plain data as an event that ADK knows for one. */
export function eventOf(plain: Event): Event {
  return createEvent(plain);
}
