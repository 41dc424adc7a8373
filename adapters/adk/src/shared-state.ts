/**
 * State of an app and of a user, which all their sessions share: `app:` and `user:`. As with ADK, an event
 * that is added sets it for all of them.
 */
import type { Event } from "@google/adk";
import {
  changeShared,
  durableStep,
  type RunContext,
  readShared,
  type SharedName,
} from "@holdfast/core/adapter";

export interface Owner {
  readonly appName: string;
  readonly userId: string;
}

type Values = Readonly<Record<string, unknown>>;

/** By names without their prefixes. */
export interface SharedState {
  readonly app: Values;
  readonly user: Values;
}

export const NOTHING_SHARED: SharedState = { app: {}, user: {} };

export function isNothing({ app, user }: SharedState): boolean {
  return Object.keys(app).length === 0 && Object.keys(user).length === 0;
}

/** As it is now: where it matters what a run has read, that is to be kept. */
export async function readSharedState(run: RunContext, owner: Owner): Promise<SharedState> {
  const [app = {}, user = {}] = await readShared(run, [
    nameOf("app", owner),
    nameOf("user", owner),
  ]);
  return { app, user };
}

/** What an event sets of it. */
export function sharedDelta({ actions }: Event): SharedState {
  const entries = Object.entries(actions?.stateDelta ?? {});
  const under = (prefix: string) =>
    Object.fromEntries(
      entries
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return { app: under("app:"), user: under("user:") };
}

const changing = new WeakMap<RunContext, Promise<unknown>>();

/**
 * Sets what an event sets, as a step, unless that is nothing. What parallel branches set is set in the order
 * in which their events were added.
 */
export async function shareState(
  run: RunContext,
  owner: Owner,
  eventId: string,
  delta: SharedState,
): Promise<void> {
  if (isNothing(delta)) return;
  await durableStep(run, {
    kind: "session",
    name: "share state",
    input: [delta],
    // Not by the values: a callback that looks at the clock may set others when it runs again.
    identity: [eventId, Object.keys(delta.app), Object.keys(delta.user)],
    body: async ({ seq }) => {
      const before = changing.get(run);
      const change = async () => {
        await before?.catch(() => {});
        for (const part of ["app", "user"] as const) {
          if (Object.keys(delta[part]).length === 0) continue;
          const set = { key: `${run.runId}:${seq}`, set: delta[part] };
          await changeShared(run, nameOf(part, owner), set);
        }
      };
      const changed = change();
      changing.set(run, changed);
      await changed;
      return null;
    },
  });
}

function nameOf(part: keyof SharedState, { appName, userId }: Owner): SharedName {
  return part === "app" ? ["adk", part, appName] : ["adk", part, appName, userId];
}
