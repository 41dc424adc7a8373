/**
 * Starts the session of a worker in a thread of its own. Where that cannot be, because its connections
 * take code of the user's or the file of the thread is not there, it runs on this one: then it beats
 * only while nothing blocks it. Neither keeps the process alive.
 */
import { Worker } from "node:worker_threads";
import type { ClientConfig } from "pg";
import type { SessionTarget } from "../../database/index.ts";
import type { OwnLease } from "./own-lease.ts";
import { Session, type SessionNews } from "./session.ts";
import type { SessionThreadData, SessionThreadOrder } from "./session-thread.ts";

export interface SessionOrder {
  readonly target: SessionTarget;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly lease: OwnLease;
  /** For how long the main thread may stand still before it counts as dead. */
  readonly blockedAfterMs: number;
  hear(news: SessionNews): void;
  /** There is no thread (any more), and therefore no session yet: why, for the log. */
  threadless(reason: string): void;
}

export interface RunningSession {
  tell(serves: string): void;
  beatNow(): void;
  /** Resolves when lock, connection and thread are gone. */
  stop(): Promise<void>;
}

const TICK_MS = 1000;
const STOP_MS = 2000;

export function startSession(order: SessionOrder): RunningSession {
  let serves: string | undefined;
  let isStopped = false;
  const goOnHere = (reason: string): RunningSession => {
    order.threadless(reason);
    const session = onThisThread(order);
    if (serves !== undefined) session.tell(serves);
    return session;
  };
  const start = (): RunningSession => {
    const options = order.target.copy();
    if (options === undefined) return goOnHere("its connections are opened by code of the program");
    try {
      return inThread(order, options, (reason) => {
        if (!isStopped) running = goOnHere(reason);
      });
    } catch (error) {
      return goOnHere(order.target.reason(error));
    }
  };
  let running = start();
  return {
    tell(told) {
      serves = told;
      running.tell(told);
    },
    beatNow: () => running.beatNow(),
    stop() {
      isStopped = true;
      return running.stop();
    },
  };
}

function onThisThread({ target, workerId, leaseMs, lease, hear }: SessionOrder): RunningSession {
  const session = new Session({
    workerId,
    leaseMs,
    lease,
    open: (own) => target.client(own),
    onConnect: (client) => target.onConnect(client),
    isBlocked: () => false,
    say: hear,
  });
  void session.run();
  return session;
}

/** Throws, or calls `failed`, if there is no thread (any more), though nobody stopped it. */
function inThread(
  { target, workerId, leaseMs, lease, blockedAfterMs, hear }: SessionOrder,
  options: ClientConfig,
  failed: (reason: string) => void,
): RunningSession {
  const ticks = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const own = { workerId, leaseMs, sharedLease: lease.shared };
  const workerData: SessionThreadData = { ...own, options, ticks, blockedAfterMs };
  // No flags of the main program: what it loads and inspects is no business of this thread.
  const thread = new Worker(threadFile(), { workerData, execArgv: [], name: "holdfast session" });
  const ticking = setInterval(
    () => Atomics.add(ticks, 0, 1),
    Math.min(TICK_MS, blockedAfterMs / 4),
  );
  ticking.unref();

  const send = (order: SessionThreadOrder) => thread.postMessage(order);
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  let isOver = false;
  let reason = "the thread ended";
  thread.on("message", (news: SessionNews) => {
    if (news.is === "gone") isOver = true;
    // Where the database is may have changed: the embedded one comes back on another port.
    if (news.is === "down") send({ options: target.copy() ?? options });
    hear(news);
  });
  thread.on("error", (error) => {
    reason = target.reason(error);
  });
  thread.on("exit", () => {
    clearInterval(ticking);
    if (!isOver) failed(reason);
  });
  thread.unref(); // Only now: to listen keeps the process alive.

  return {
    tell: (serves) => send({ serves }),
    beatNow: () => send("beat"),
    async stop() {
      isOver = true;
      thread.ref();
      send("stop");
      const impatience = setTimeout(() => void thread.terminate(), STOP_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

function threadFile(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("session-thread.ts", import.meta.url)
    : new URL("session-thread.js", import.meta.url);
}
