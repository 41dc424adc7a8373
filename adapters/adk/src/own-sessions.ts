/**
 * Sessions in Holdfast's store: each event is stored once, however long the conversation gets. Invariants:
 * every execution of a run finds its sessions as they were before the run; and of what it has added none
 * is taken back by an execution that has not come as far yet.
 */
import type { CompositeSessionKey, Event, InMemorySessionService } from "@google/adk";
import { outsideRuns, type RunContext } from "@holdfast/core/adapter";
import { putSession, type SessionContent } from "./memory-sessions.ts";
import { isDeletedThere, sessionMirrored, sessionUnmirrored } from "./mirrored-sessions.ts";
import { meetMirror, mirrorKnown } from "./mirrored-state.ts";
import { eventOf, plainEvent } from "./plain-event.ts";
import type { LoadedSession, Recorded, SessionKeeper } from "./session-keeper.ts";
import {
  isNothing,
  NOTHING_SHARED,
  readSharedState,
  type SharedState,
  sharedDelta,
  shareState,
} from "./shared-state.ts";

/** What comes after an event is mostly said at once. */
const PATIENCE_MS = 5;

type State = SessionContent["state"];

interface StoredValue {
  readonly state: State;
  /** The run that has written it, */
  readonly by: string;
  /** and what it found: undefined if there was nothing. */
  readonly before: { readonly count: number; readonly state: State } | undefined;
  /** What it found that the sessions of the app and the user share, if they share anything. */
  readonly shared?: SharedState;
  readonly isRemoved?: true;
}

interface Kept {
  readonly ids: string[];
  readonly texts: string[];
  readonly before: StoredValue["before"];
  readonly shared: SharedState;
  /** How many events the store has. */
  stored: number;
}

export class OwnSessions implements SessionKeeper {
  readonly #run: RunContext;
  /** Has the same, as long as its process lives. */
  readonly #mirror: InMemorySessionService | undefined;
  readonly #kept = new Map<string, Kept>();

  constructor(run: RunContext, mirror?: InMemorySessionService) {
    this.#run = run;
    this.#mirror = mirror;
  }

  async load(key: CompositeSessionKey): Promise<LoadedSession | undefined> {
    const stored = await this.#read(key);
    const isMine = stored?.value.by === this.#run.runId;
    const isDeleted = !isMine && this.#mirror !== undefined && isDeletedThere(this.#mirror, key);
    const { items = [], value } = (isDeleted ? undefined : stored) ?? {};
    const before = isMine ? value?.before : value && { count: items.length, state: value.state };
    const own = before && (await this.#content(items.slice(0, before.count), before.state));
    const found = await this.#newest(key, own, isMine);
    if (found === undefined) return undefined;
    const shared = await this.#shared(key, isMine ? value : undefined);

    const texts = items.slice(0, before?.count ?? 0);
    const fresh = found.events.slice(texts.length).map((event) => this.#textOf(event));
    this.#kept.set(slotOf(key), {
      ids: found.events.map(({ id }) => id),
      texts: [...texts, ...fresh],
      before: { count: found.events.length, state: found.state },
      shared,
      stored: items.length,
    });
    // Before anything that comes of it: others may change it at any time.
    if (isDeleted || (!isMine && (fresh.length > 0 || !isNothing(shared)))) {
      this.#write(key, found.state);
    }
    await this.#mirrored(async (mirror) => sessionMirrored(mirror, key));
    const recorded = await this.#eventsOf(items.slice(texts.length));
    return { ...found, recorded, shared };
  }

  async create(key: CompositeSessionKey, state: State): Promise<Recorded> {
    const before = undefined;
    const { items = [], value } = (await this.#read(key)) ?? {};
    const isMine = value?.by === this.#run.runId;
    const texts = isMine ? items : [];
    const shared = await this.#shared(key, isMine ? value : undefined);
    this.#kept.set(slotOf(key), { ids: [], texts: [], before, shared, stored: texts.length });
    await this.#mirrored(async (mirror) => {
      await putSession(mirror, key, { state, events: [] });
      sessionMirrored(mirror, key);
    });
    if (texts.length === 0) this.#write(key, state);
    return { recorded: await this.#eventsOf(texts), shared };
  }

  async append(key: CompositeSessionKey, event: Event, state: State): Promise<void> {
    const kept = this.#kept.get(slotOf(key));
    if (kept === undefined) return;
    const text = this.#textOf(event);
    const delta = sharedDelta(event);
    const at = kept.ids.indexOf(event.id);
    if (at === -1) {
      kept.ids.push(event.id);
      kept.texts.push(text);
    } else kept.texts[at] = text;
    await this.#mirrored(async (mirror) => {
      const session = { ...sessionOf(key), state: {}, events: [], lastUpdateTime: 0 };
      await mirror.appendEvent({ session, event });
      sessionMirrored(mirror, key);
      mirrorKnown(mirror, key);
    });
    if (kept.texts.length >= kept.stored) this.#write(key, state);
    await shareState(this.#run, key, event.id, delta);
  }

  async remove(key: CompositeSessionKey): Promise<void> {
    const before = this.#kept.get(slotOf(key))?.before;
    this.#kept.delete(slotOf(key));
    await this.#mirrored((mirror) => {
      sessionUnmirrored(mirror, key);
      return mirror.deleteSession(key);
    });
    const value: StoredValue = { state: {}, by: this.#run.runId, before, isRemoved: true };
    this.#put(slotOf(key), [], value);
  }

  /**
   * The mirror's, if it has what is kept and maybe more that its owner has put there; else it is given
   * that. Once the run has begun, what it found stands.
   */
  async #newest(
    key: CompositeSessionKey,
    own: SessionContent | undefined,
    hasBegun: boolean,
  ): Promise<SessionContent | undefined> {
    if (this.#mirror === undefined) return own;
    const theirs = await outsideRuns(() => this.#mirror!.getSession(key));
    const last = own?.events.at(-1)?.id;
    const hasAll = last === undefined || theirs?.events.some(({ id }) => id === last);
    if (theirs !== undefined && hasAll) {
      return hasBegun ? own : { state: theirs.state, events: theirs.events };
    }
    if (own !== undefined) await this.#mirrored((mirror) => putSession(mirror, key, own));
    return own;
  }

  /** What this run found when it began, or what there is now. */
  async #shared(key: CompositeSessionKey, mine: StoredValue | undefined): Promise<SharedState> {
    const mirror = this.#mirror;
    const hasBegun = mine !== undefined;
    const found = hasBegun
      ? (mine.shared ?? NOTHING_SHARED)
      : await readSharedState(this.#run, key);
    return mirror === undefined ? found : meetMirror(mirror, key, found, hasBegun);
  }

  async #mirrored(part: (mirror: InMemorySessionService) => Promise<void>): Promise<void> {
    const mirror = this.#mirror;
    if (mirror !== undefined) await outsideRuns(() => part(mirror));
  }

  async #read(
    key: CompositeSessionKey,
  ): Promise<{ readonly items: readonly string[]; readonly value: StoredValue } | undefined> {
    const { store, writer } = this.#run;
    const stored = await store.session(writer.spaceId, slotOf(key));
    const value = (await this.#run.read(stored?.value)) as StoredValue | undefined;
    if (stored === undefined || value === undefined || value.isRemoved) return undefined;
    return { items: stored.items ?? [], value };
  }

  #write(key: CompositeSessionKey, state: State): void {
    const { texts, before, shared } = this.#kept.get(slotOf(key))!;
    const found = isNothing(shared) ? {} : { shared };
    this.#put(slotOf(key), texts, { state: { ...state }, by: this.#run.runId, before, ...found });
  }

  /**
   * Durable before anything that comes after it in the journal, the end of the run above all; with which
   * it shares a commit, if that comes soon.
   */
  #put(slot: string, items: readonly string[], value: StoredValue): void {
    if (this.#run.signal.aborted) return;
    const { codec, writer } = this.#run;
    // A run that is lost learns so from its steps.
    const session = { items: [...items], value: codec.encode(value), patienceMs: PATIENCE_MS };
    writer.putSession(slot, session).catch(() => {});
  }

  async #content(texts: readonly string[], state: State): Promise<SessionContent> {
    return { state, events: await this.#eventsOf(texts) };
  }

  #textOf(event: Event): string {
    return this.#run.codec.encode(plainEvent(event)).text;
  }

  #eventsOf(texts: readonly string[]): Promise<Event[]> {
    const { codec } = this.#run;
    return this.#run.orUnreadable(() => texts.map((text) => eventOf(codec.decode(text) as Event)));
  }
}

function slotOf({ appName, userId, sessionId }: CompositeSessionKey): string {
  return `adk/session/${JSON.stringify([appName, userId, sessionId])}`;
}

function sessionOf({ sessionId, appName, userId }: CompositeSessionKey) {
  return { id: sessionId, appName, userId };
}
