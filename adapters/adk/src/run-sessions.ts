/**
 * The sessions that one execution of a run works on. Invariant: they are in the memory of the execution,
 * as they were before the run and with what this execution has added; ADK is given nothing else.
 */
import type {
  AppendEventRequest,
  BaseSessionService,
  CompositeSessionKey,
  CreateSessionRequest,
  Event,
  GetSessionRequest,
  InMemorySessionService,
  Session,
} from "@google/adk";
import { HoldfastError } from "@holdfast/core";
import type { RunContext } from "@holdfast/core/adapter";
import { type AdkCopy, loadedCopies } from "./copies.ts";
import { eventStamps, stableId } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";
import { putSession, putShared, stateOf, storedSession } from "./memory-sessions.ts";
import { OwnSessions } from "./own-sessions.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { UsersSessions } from "./users-sessions.ts";

const byRun = new WeakMap<RunContext, WeakMap<BaseSessionService, RunSessions>>();

/**
 * Has the service give a run what is the run's, wherever it is asked.
 *
 * @param isUsers whether somebody looks into it when the run is over
 */
export function openSessions(
  run: RunContext,
  copy: AdkCopy,
  service: BaseSessionService,
  isUsers: boolean,
): RunSessions {
  const opened = byRun.get(run) ?? new WeakMap<BaseSessionService, RunSessions>();
  byRun.set(run, opened);
  const there = opened.get(service);
  if (there !== undefined) return there;
  interceptSessions(service);
  const isOwn = isInMemory(service);
  const keeper = isOwn
    ? new OwnSessions(run, isUsers ? service : undefined)
    : new UsersSessions(run, service);
  const sessions = new RunSessions(run, new copy.InMemorySessionService(), keeper, isOwn);
  opened.set(service, sessions);
  return sessions;
}

/** ADK's own, which forgets with its process: what is to last is kept in Holdfast's store then. */
function isInMemory(service: BaseSessionService): service is InMemorySessionService {
  const own = loadedCopies().map(({ InMemorySessionService: { prototype } }) => prototype);
  return own.includes(Object.getPrototypeOf(service));
}

function interceptSessions(service: BaseSessionService): void {
  const around = <Request, Result>(
    name: string,
    instead: (sessions: RunSessions, request: Request) => Promise<Result>,
  ) =>
    intercept<BaseSessionService, [Request], Promise<Result>>(
      service,
      name,
      ({ run, target, original }, request) => {
        const sessions = byRun.get(run)?.get(target);
        return sessions === undefined ? original(request) : instead(sessions, request);
      },
    );
  around("getSession", (sessions, request: GetSessionRequest) => sessions.get(request));
  around("createSession", (sessions, request: CreateSessionRequest) => sessions.create(request));
  around("getOrCreateSession", (sessions, request: CreateSessionRequest) =>
    sessions.getOrCreate(request),
  );
  around("appendEvent", (sessions, request: AppendEventRequest) => sessions.append(request));
  around("deleteSession", (sessions, request: CompositeSessionKey) => sessions.delete(request));
}

export class RunSessions {
  readonly #run: RunContext;
  readonly #memory: InMemorySessionService;
  readonly #keeper: SessionKeeper;
  /** Whether a session that is not there is made: where it is kept, nobody else makes it. */
  readonly makes: boolean;
  readonly #found = new Map<string, Promise<boolean>>();
  #unnamed = 0;

  constructor(
    run: RunContext,
    memory: InMemorySessionService,
    keeper: SessionKeeper,
    makes: boolean,
  ) {
    this.#run = run;
    this.#memory = memory;
    this.#keeper = keeper;
    this.makes = makes;
  }

  async get(request: GetSessionRequest): Promise<Session | undefined> {
    return (await this.#find(request)) ? this.#memory.getSession(request) : undefined;
  }

  async create({ sessionId, ...request }: CreateSessionRequest): Promise<Session> {
    const { appName, userId } = request;
    const key = { appName, userId, sessionId: sessionId ?? this.#newId() };
    await this.#memory.createSession({ ...request, ...key });
    this.#found.set(nameOf(key), Promise.resolve(true));
    const { recorded, shared } = await this.#keeper.create(key, this.#ownStateOf(key));
    eventStamps(this.#run).recorded(recorded);
    if (shared !== undefined) putShared(this.#memory, key, shared);
    return (await this.#memory.getSession(key))!;
  }

  async getOrCreate(request: CreateSessionRequest): Promise<Session> {
    const { appName, userId, sessionId } = request;
    const found = sessionId && (await this.get({ appName, userId, sessionId }));
    return found || this.create(request);
  }

  async append({ session, event }: AppendEventRequest): Promise<Event> {
    const { appName, userId, id: sessionId } = session;
    const key = { appName, userId, sessionId };
    const stamps = eventStamps(this.#run);
    if (isInBody(this.#run)) {
      this.#run.reportEscaped("An event that a tool or function adds to the session itself.");
    }
    stamps.stamp(event, this.#run.path);
    const appended = await this.#memory.appendEvent({ session, event });
    if (event.partial) return appended;
    await this.#keeper.append(key, event, this.#ownStateOf(key));
    stamps.appended(event);
    return appended;
  }

  async delete(key: CompositeSessionKey): Promise<void> {
    await this.#find(key);
    await this.#memory.deleteSession(key);
    await this.#keeper.remove(key);
    this.#found.set(nameOf(key), Promise.resolve(false));
  }

  /** As it is now. */
  stateOf(key: CompositeSessionKey): Readonly<Record<string, unknown>> {
    return stateOf(this.#memory, key);
  }

  #ownStateOf(key: CompositeSessionKey): Readonly<Record<string, unknown>> {
    return storedSession(this.#memory, key)?.state ?? {};
  }

  #find({ appName, userId, sessionId }: CompositeSessionKey): Promise<boolean> {
    const key = { appName, userId, sessionId };
    const found = this.#found.get(nameOf(key)) ?? this.#load(key);
    this.#found.set(nameOf(key), found);
    return found;
  }

  async #load(key: CompositeSessionKey): Promise<boolean> {
    const loaded = await this.#keeper.load(key);
    if (loaded === undefined) return false;
    this.#checkNewest(key, loaded.events);
    eventStamps(this.#run).recorded(loaded.recorded);
    await putSession(this.#memory, key, loaded);
    if (loaded.shared !== undefined) putShared(this.#memory, key, loaded.shared);
    return true;
  }

  /** Throws RUN_DIVERGED if the session has gone on since this run was in it: it was tried again too late. */
  #checkNewest({ sessionId }: CompositeSessionKey, before: readonly Event[]): void {
    // What the user said, which is the first of a turn.
    const begin = stableId(this.#run, "event", `${this.#run.path}/invocation`, 1);
    if (!before.some(({ id }) => id === begin)) return;
    throw new HoldfastError(
      "RUN_DIVERGED",
      `Run ${this.#run.runId} is a turn of session "${sessionId}", which has had other turns since.`,
      {
        hint: "Only the newest turn of a session can be tried again. Say it anew, in a turn of its own.",
        details: { runId: this.#run.runId, sessionId },
      },
    );
  }

  /** ADK draws it at random. */
  #newId(): string {
    this.#unnamed += 1;
    return stableId(this.#run, "session", this.#run.path, this.#unnamed);
  }
}

/** Whether a step's own body is at it, which is not gone through again: not an agent that runs inside it. */
function isInBody({ inside, path }: RunContext): boolean {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return inside !== undefined && !last.startsWith("node:") && last.includes(`@${inside.seq}`);
}

function nameOf({ appName, userId, sessionId }: CompositeSessionKey): string {
  return JSON.stringify([appName, userId, sessionId]);
}
