/**
 * What a service in memory has had of a session. Without that its owner has deleted it; a service that never
 * had it is only newer than the session.
 */
import type { CompositeSessionKey, InMemorySessionService } from "@google/adk";
import { storedSession } from "./memory-sessions.ts";

/** By service and session, the last event it had, if it had any. */
const had = new WeakMap<InMemorySessionService, Map<string, string | undefined>>();

/** It has the session as it is there now. */
export function sessionMirrored(mirror: InMemorySessionService, key: CompositeSessionKey): void {
  const session = storedSession(mirror, key);
  if (session === undefined) return;
  const ofService = had.get(mirror) ?? new Map<string, string | undefined>();
  had.set(mirror, ofService.set(nameOf(key), session.events.at(-1)?.id));
}

/** It is not to have the session any more. */
export function sessionUnmirrored(mirror: InMemorySessionService, key: CompositeSessionKey): void {
  had.get(mirror)?.delete(nameOf(key));
}

/** Whether its owner has deleted the session there, and maybe begun it anew. */
export function isDeletedThere(mirror: InMemorySessionService, key: CompositeSessionKey): boolean {
  const ofService = had.get(mirror);
  if (ofService?.has(nameOf(key)) !== true) return false;
  const last = ofService.get(nameOf(key));
  const session = storedSession(mirror, key);
  if (session === undefined) return true;
  return last !== undefined && !session.events.some(({ id }) => id === last);
}

function nameOf({ appName, userId, sessionId }: CompositeSessionKey): string {
  return JSON.stringify([appName, userId, sessionId]);
}
