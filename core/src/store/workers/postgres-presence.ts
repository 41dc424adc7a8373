/**
 * A worker as Postgres knows it. Its session tells that it lives; while there is none, this thread does,
 * over the control connection, and then names no lock: a lock that is named and not held looks like
 * death. That it was taken for dead it believes only the control connection.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Database, SessionTarget } from "../../database/index.ts";
import { CHANNEL } from "../hints/hint-sender.ts";
import { withRetries } from "../transient.ts";
import { beat, enlist } from "./beat.ts";
import { retire } from "./bury.ts";
import { OwnLease } from "./own-lease.ts";
import type { SessionNews } from "./session.ts";
import { type RunningSession, startSession } from "./start-session.ts";
import type { NewWorker, Presence, WorkerListener } from "./worker.ts";

export interface PresenceParts {
  readonly database: Database;
  readonly control: Pool;
  readonly worker: NewWorker;
  readonly told: WorkerListener;
  /** What was said on the channel, as it was said. */
  onHint(payload: string): void;
  /** The worker has left runs of this app, which are ready. */
  onReleased(app: string): void;
  /** For how long the main thread may stand still before it counts as dead. Default: 60 s. */
  readonly blockedAfterMs?: number;
}

/**
 * Makes a worker known and keeps it alive until it leaves or is buried. Resolves once it is known, so
 * that it can claim; its session is opened meanwhile.
 */
export async function enterPostgres(parts: PresenceParts): Promise<Presence> {
  const lease = new OwnLease(parts.worker.leaseMs);
  const sent = lease.now();
  await enlist(parts.control, parts.worker);
  lease.renewed(sent);
  return new PostgresPresence(parts, lease);
}

const BLOCKED_AFTER_MS = 60_000;
const CERTAIN_AGAIN_MS = 100;
const GREETING_MS = 2000;
const GREETING_LOOK_MS = 50;
const NOTIFY = { name: "holdfast_greet_1", text: "select pg_notify($1, $2)" };
/** What a worker says to itself, to learn whether it hears. */
const GREETING = "hello ";

const STOOD_STILL =
  "The main thread of this process stood still for so long that it counted as dead; it goes on.";
const SESSION_DOWN =
  "It has no session: it tells over its other connection that it lives, and hears no hints.";
const BEAT_LOST = "It could not tell that it lives. When its lease is over it is taken for dead.";

const TELL = {
  name: "holdfast_tell_worker_1",
  text: "update holdfast.workers set serves = $2 where worker_id = $1",
};

class PostgresPresence implements Presence {
  readonly #parts: PresenceParts;
  readonly #lease: OwnLease;
  readonly #target: SessionTarget;
  readonly #session: RunningSession;
  readonly #beating: NodeJS.Timeout;
  /** The session that beats now, by its number; none while there is none. */
  #up: number | undefined;
  #sessions = 0;
  /** What was said to oneself, until it is heard. */
  #greeting: string | undefined;
  #hearsHints = false;
  #serves: string | undefined;
  #ownBeat: Promise<boolean> | undefined;
  #isOver = false;
  #leaving: Promise<void> | undefined;
  readonly #noticed = new Set<string>();

  constructor(parts: PresenceParts, lease: OwnLease) {
    const { database, worker, blockedAfterMs = BLOCKED_AFTER_MS } = parts;
    this.#parts = parts;
    this.#lease = lease;
    this.#target = database.session();
    // Also until the first session is there: that can take as long as a firewall lets it.
    this.#beating = setInterval(() => {
      if (this.#up === undefined) void this.#beatHere();
    }, worker.leaseMs / 3).unref();
    this.#session = startSession({
      target: this.#target,
      workerId: worker.id,
      leaseMs: worker.leaseMs,
      lease,
      blockedAfterMs,
      hear: (news) => this.#hear(news),
      threadless: (reason) => this.#sessionHasNoThread(reason),
    });
  }

  get hearsHints(): boolean {
    return this.#hearsHints;
  }

  async tell(serves: string): Promise<void> {
    this.#serves = serves;
    this.#session.tell(serves);
    const { control, worker } = this.#parts;
    await withRetries(worker.leaseMs, () =>
      control.query({ ...TELL, values: [worker.id, serves] }),
    );
  }

  certain(): Promise<void> | undefined {
    return this.#lease.isCertain ? undefined : this.#becomeCertain();
  }

  async #becomeCertain(): Promise<void> {
    while (!this.#lease.isCertain) {
      await this.#beatHere();
      // Those who hear that it is over need a moment to stop: nothing goes on before they have.
      if (this.#isOver) return new Promise(() => {});
      if (!this.#lease.isCertain) await sleep(CERTAIN_AGAIN_MS);
    }
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    const { control, worker, onReleased } = this.#parts;
    const ended = this.#end();
    // After its lease it would be dead anyway.
    const retired = withRetries(worker.leaseMs, () => retire(control, worker.id));
    await Promise.allSettled([ended, retired]);
    for (const app of await retired) onReleased(app);
  }

  #end(): Promise<void> {
    this.#isOver = true;
    this.#forgetSession();
    clearInterval(this.#beating);
    return this.#session.stop();
  }

  #hear(news: SessionNews): void {
    if (this.#isOver) return;
    switch (news.is) {
      case "up":
        this.#sessionIsUp(news.pooled);
        break;
      case "down":
        this.#sessionIsDown(news.reason);
        break;
      case "hint":
        this.#hint(news.payload);
        break;
      case "resumed":
        this.#parts.told.noticed(STOOD_STILL);
        break;
      case "gone":
        this.#forgetSession();
        void this.#beatHere().then((isKnown) => isKnown && this.#noticeAstray());
        break;
    }
  }

  #sessionIsUp(pooled: boolean): void {
    this.#sessions += 1;
    this.#up = this.#sessions;
    if (this.#noticed.delete(SESSION_DOWN)) {
      this.#parts.told.noticed("Its session is back.", { place: this.#target.place });
    }
    if (pooled) this.#noticePooler();
    else void this.#greet(this.#sessions);
  }

  #sessionIsDown(reason: string): void {
    this.#down();
    this.#notice(SESSION_DOWN, {
      place: this.#target.place,
      reason: this.#target.reason(reason),
    });
  }

  #sessionHasNoThread(reason: string): void {
    this.#down();
    this.#notice("Its session runs on the main thread: it beats only while nothing blocks that.", {
      reason,
    });
  }

  #down(): void {
    this.#forgetSession();
    // At once: its lock is gone, and others may be looking.
    void this.#beatHere();
  }

  #forgetSession(): void {
    this.#up = undefined;
    this.#greeting = undefined;
    this.#hearsHints = false;
  }

  #hint(payload: string): void {
    if (payload === this.#greeting) this.#hearsHints = true;
    else if (!payload.startsWith(GREETING)) this.#parts.onHint(payload);
  }

  /** Says something to itself over the other connection: some ways swallow what is said. */
  async #greet(session: number): Promise<void> {
    this.#greeting = GREETING + randomUUID();
    while (this.#up === session && !this.#hearsHints) {
      const isSaid = await this.#parts.control
        .query({ ...NOTIFY, values: [CHANNEL, this.#greeting] })
        .then(() => true)
        .catch(() => false);
      // In steps: after standing still, what was heard meanwhile has yet to be read.
      for (let ms = 0; ms < GREETING_MS && !this.#hearsHints; ms += GREETING_LOOK_MS) {
        await sleep(GREETING_LOOK_MS, undefined, { ref: false });
      }
      if (isSaid) break;
    }
    if (this.#up !== session || this.#hearsHints) return;
    this.#notice("It hears no hints, and looks for work by itself instead.", {
      place: this.#target.place,
    });
  }

  /** One at a time: where nothing is answered, beats would pile up. */
  #beatHere(): Promise<boolean> {
    this.#ownBeat ??= this.#beat().finally(() => {
      this.#ownBeat = undefined;
    });
    return this.#ownBeat;
  }

  /** Whether it is known. Otherwise it is over. A beat that does not come through proves nothing. */
  async #beat(): Promise<boolean> {
    const { control, worker, told } = this.#parts;
    const { id, leaseMs } = worker;
    try {
      const sent = this.#lease.now();
      const isKnown = await beat(control, { id, leaseMs, lock: undefined, serves: this.#serves });
      if (isKnown) this.#lease.renewed(sent);
      this.#noticed.delete(BEAT_LOST);
      // A session that has come up meanwhile has told of its lock, perhaps just before.
      if (this.#up !== undefined) this.#session.beatNow();
      if (isKnown || this.#isOver) return isKnown;
    } catch (error) {
      if (!this.#isOver) this.#notice(BEAT_LOST, { reason: this.#target.reason(error) });
      return false;
    }
    void this.#end();
    told.buried();
    return false;
  }

  #noticePooler(): void {
    const lacks = `A pooler stands between it and ${this.#target.place}: it hears no hints and looks for work by itself, and its death shows only when its lease is over.`;
    const advice = this.#target.isDirect
      ? "HOLDFAST_DATABASE_URL_DIRECT must lead to the server itself."
      : "HOLDFAST_DATABASE_URL_DIRECT can name the server itself.";
    this.#notice(`${lacks} ${advice}`);
  }

  #noticeAstray(): void {
    this.#notice(
      "Its session leads to a database that does not know it, so it does without. HOLDFAST_DATABASE_URL_DIRECT must lead to the same database as HOLDFAST_DATABASE_URL.",
      { place: this.#target.place },
    );
  }

  /** Says a thing once, however often it happens. */
  #notice(message: string, fields?: Readonly<Record<string, unknown>>): void {
    if (this.#noticed.has(message)) return;
    this.#noticed.add(message);
    this.#parts.told.noticed(message, fields);
  }
}
