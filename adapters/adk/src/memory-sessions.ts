/** Sessions in the memory of ADK's own service, put there whole: by appending, old state would be applied anew. */
import type { CompositeSessionKey, Event, InMemorySessionService, Session } from "@google/adk";

/** By app, user and session. */
type Stored = Record<string, Record<string, Record<string, Session>>>;

export interface SessionContent {
  readonly state: Readonly<Record<string, unknown>>;
  readonly events: readonly Event[];
}

/** Typed as private; checked to be there when the adapter is installed. */
export const STORED_SESSIONS = "sessions";

export async function putSession(
  service: InMemorySessionService,
  key: CompositeSessionKey,
  { state, events }: SessionContent,
): Promise<void> {
  await service.createSession({ ...key, state: { ...state } });
  storedSession(service, key)?.events.push(...events);
}

/** As the service has it: it is not to be changed. */
export function storedSession(
  service: InMemorySessionService,
  { appName, userId, sessionId }: CompositeSessionKey,
): Session | undefined {
  const stored = Reflect.get(service, STORED_SESSIONS) as Stored;
  return stored[appName]?.[userId]?.[sessionId];
}
