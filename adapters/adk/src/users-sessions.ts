/**
 * Sessions in a service of the user's. What a run finds there is a step, and so is each event that it
 * adds: none is added twice, and another execution of the run begins where this one began.
 */
import type { BaseSessionService, CompositeSessionKey, Event, Session } from "@google/adk";
import { HoldfastError } from "@holdfast/core";
import { durableStep, outsideRuns, type RunContext } from "@holdfast/core/adapter";
import type { SessionContent } from "./memory-sessions.ts";
import type { LoadedSession, Recorded, SessionKeeper } from "./session-keeper.ts";

type State = SessionContent["state"];

interface Found {
  readonly state: State;
  readonly count: number;
}

export class UsersSessions implements SessionKeeper {
  readonly #run: RunContext;
  readonly #service: BaseSessionService;
  readonly #sessions = new Map<string, Session>();
  /** What earlier executions have added: a step that did so may have died before it was on record. */
  readonly #added = new Set<string>();

  constructor(run: RunContext, service: BaseSessionService) {
    this.#run = run;
    this.#service = service;
  }

  async load(key: CompositeSessionKey): Promise<LoadedSession | undefined> {
    const found = await durableStep<Found | null>(this.#run, {
      kind: "session",
      name: "find session",
      input: [key],
      body: async () => {
        const session = await this.#get(key);
        if (session === undefined) return null;
        return { state: { ...session.state }, count: session.events.length };
      },
    });
    if (found === null) return undefined;
    const { events } = (await this.#get(key)) ?? { events: [] };
    if (events.length < found.count) throw isShorter(key, found, events.length);
    const recorded = this.#recorded(key, events.slice(found.count));
    return { state: found.state, events: events.slice(0, found.count), recorded };
  }

  async create(key: CompositeSessionKey, state: State): Promise<Recorded> {
    await durableStep(this.#run, {
      kind: "session",
      name: "create session",
      input: [key, state],
      body: async () => {
        const session = await this.#get(key);
        // A try before this one came to its end unnoticed.
        if (session === undefined) {
          await outsideRuns(() => this.#service.createSession({ ...key, state: { ...state } }));
        }
        return null;
      },
    });
    return { recorded: this.#recorded(key, (await this.#get(key))?.events.slice() ?? []) };
  }

  async append(key: CompositeSessionKey, event: Event): Promise<void> {
    await durableStep(this.#run, {
      kind: "session",
      name: "append event",
      input: [event.id],
      identity: [key, event.id],
      body: async () => {
        const session = this.#sessions.get(nameOf(key)) ?? (await this.#get(key));
        if (session === undefined || this.#added.has(nameOf(key, event))) return null;
        // Itself, no copy: ADK tells by its state delta which of two writes of one key came last.
        await outsideRuns(() => this.#service.appendEvent({ session, event }));
        return null;
      },
    });
  }

  async remove(key: CompositeSessionKey): Promise<void> {
    const body = async () => {
      await outsideRuns(() => this.#service.deleteSession(key));
      return null;
    };
    const call = { kind: "session", name: "delete session", input: [key], body } as const;
    await durableStep(this.#run, call);
    this.#sessions.delete(nameOf(key));
  }

  #recorded(key: CompositeSessionKey, events: readonly Event[]): readonly Event[] {
    for (const event of events) this.#added.add(nameOf(key, event));
    return events;
  }

  /** The service's own object, which it goes on writing to. */
  async #get(key: CompositeSessionKey): Promise<Session | undefined> {
    const known = this.#sessions.get(nameOf(key));
    if (known !== undefined) return known;
    const session = await outsideRuns(() => this.#service.getSession(key));
    if (session !== undefined) this.#sessions.set(nameOf(key), session);
    return session;
  }
}

/** Of a session, or of an event in it. */
function nameOf({ appName, userId, sessionId }: CompositeSessionKey, event?: Event): string {
  return JSON.stringify([appName, userId, sessionId, event?.id]);
}

function isShorter(key: CompositeSessionKey, { count }: Found, has: number): HoldfastError {
  return new HoldfastError(
    "RUN_DIVERGED",
    `Session "${key.sessionId}" had ${count} events when this run began; its service has ${has} by now.`,
    {
      hint: "Somebody has deleted or cut it, or the service keeps it in memory only. Give the Runner a session service that lasts, or none of your own.",
      details: { ...key, expected: count, found: has },
    },
  );
}
