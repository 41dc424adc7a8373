/**
 * What sessions share, in Holdfast's store and in a service in memory that has the same as long as its
 * process lives. What its owner has set there since is newer; anything else there may be older.
 */
import type { InMemorySessionService } from "@google/adk";
import { putShared, storedShared } from "./memory-sessions.ts";
import type { Owner, SharedState } from "./shared-state.ts";

/** By service and owner, what it was known to have. */
const known = new WeakMap<InMemorySessionService, Map<string, SharedState>>();

/**
 * Brings the two together, in the service too.
 *
 * @param hasBegun whether `found` is what an earlier execution of the run found: it stands
 */
export function meetMirror(
  mirror: InMemorySessionService,
  owner: Owner,
  found: SharedState,
  hasBegun: boolean,
): SharedState {
  const there = storedShared(mirror, owner);
  const last = known.get(mirror)?.get(nameOf(owner));
  const meet = (part: keyof SharedState) => {
    const isNewer = ([name, value]: readonly [string, unknown]) =>
      hasBegun || value !== last?.[part][name];
    return { ...found[part], ...Object.fromEntries(Object.entries(there[part]).filter(isNewer)) };
  };
  const met = { app: meet("app"), user: meet("user") };
  putShared(mirror, owner, met);
  mirrorKnown(mirror, owner);
  return hasBegun ? found : met;
}

/** What it has now is of Holdfast's doing. */
export function mirrorKnown(mirror: InMemorySessionService, owner: Owner): void {
  const ofService = known.get(mirror) ?? new Map<string, SharedState>();
  known.set(mirror, ofService.set(nameOf(owner), storedShared(mirror, owner)));
}

function nameOf({ appName, userId }: Owner): string {
  return JSON.stringify([appName, userId]);
}
