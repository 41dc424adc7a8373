/** Sessions in the memory of ADK's own service, put there whole: by appending, old state would be applied anew. */
import type { CompositeSessionKey, Event, InMemorySessionService, Session } from "@google/adk";
import type { Owner, SharedState } from "./shared-state.ts";

/** By app, user and session. */
type Stored = Record<string, Record<string, Record<string, Session>>>;
type Values = Record<string, unknown>;

export interface SessionContent {
  readonly state: Readonly<Record<string, unknown>>;
  readonly events: readonly Event[];
}

/** Typed as private; checked to be there when the adapter is installed. */
const SESSIONS = "sessions";
const OF_APPS = "appState";
const OF_USERS = "userState";
export const STORED_IN_MEMORY: readonly string[] = [SESSIONS, OF_APPS, OF_USERS];

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
  const stored = Reflect.get(service, SESSIONS) as Stored;
  return stored[appName]?.[userId]?.[sessionId];
}

/** What all its sessions have of an app and a user. */
export function putShared(
  service: InMemorySessionService,
  { appName, userId }: Owner,
  { app, user }: SharedState,
): void {
  const ofApps = Reflect.get(service, OF_APPS) as Record<string, Values>;
  const ofUsers = Reflect.get(service, OF_USERS) as Record<string, Record<string, Values>>;
  ofApps[appName] = bare(app);
  ofUsers[appName] = bare({ ...ofUsers[appName], [userId]: bare(user) });
}

/** As ADK makes them: it sets names in them that may be any, `__proto__` as well. */
function bare<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, values);
}

export function storedShared(
  service: InMemorySessionService,
  { appName, userId }: Owner,
): SharedState {
  const ofApps = Reflect.get(service, OF_APPS) as Record<string, Values>;
  const ofUsers = Reflect.get(service, OF_USERS) as Record<string, Record<string, Values>>;
  return { app: { ...ofApps[appName] }, user: { ...ofUsers[appName]?.[userId] } };
}

/** As the service tells it: with what is shared. */
export function stateOf(
  service: InMemorySessionService,
  key: CompositeSessionKey,
): Readonly<Values> {
  const session = storedSession(service, key);
  if (session === undefined) return {};
  const { app, user } = storedShared(service, key);
  const prefixed = (prefix: string, values: Readonly<Values>) =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value] as const);
  const shared = [...prefixed("app:", app), ...prefixed("user:", user)];
  return { ...session.state, ...Object.fromEntries(shared) };
}
