/**
 * A thread that keeps the session of a worker, so that it goes on telling that it lives while the main
 * thread computes. Invariant: it falls silent when the main thread has not ticked for so long that it
 * can hardly be called alive, and goes on when it ticks again.
 */
import { parentPort, workerData } from "node:worker_threads";
import pg, { type ClientConfig } from "pg";
import type { SessionClient } from "../../database/session-target.ts";
import { withUnnamedStatements } from "../../database/unnamed-statements.ts";
import { OwnLease, type SharedLease } from "./own-lease.ts";
import { Session } from "./session.ts";

export interface SessionThreadData {
  readonly workerId: string;
  readonly leaseMs: number;
  /** May hold a password, as the orders that replace it may. */
  readonly options: ClientConfig;
  /** One number that the main thread raises again and again. */
  readonly ticks: Int32Array;
  readonly blockedAfterMs: number;
  readonly sharedLease: SharedLease;
}

export type SessionThreadOrder =
  | { readonly serves: string }
  /** The connections that are opened from now on go there. */
  | { readonly options: ClientConfig }
  | "beat"
  | "stop";

const { workerId, leaseMs, ticks, blockedAfterMs, sharedLease, ...given } =
  workerData as SessionThreadData;
const main = parentPort!;
const Client = withUnnamedStatements(pg.Client);
let { options } = given;

let lastTick = Atomics.load(ticks, 0);
let lastTickAt = performance.now();
function isBlocked(): boolean {
  const tick = Atomics.load(ticks, 0);
  if (tick !== lastTick) lastTickAt = performance.now();
  lastTick = tick;
  return performance.now() - lastTickAt > blockedAfterMs;
}

const session = new Session({
  workerId,
  leaseMs,
  lease: new OwnLease(leaseMs, sharedLease),
  open: (own) => new Client({ ...options, ...own }) as SessionClient,
  onConnect: () => Promise.resolve(),
  isBlocked,
  say: (news) => main.postMessage(news),
});
main.on("message", (order: SessionThreadOrder) => {
  if (order === "stop") void session.stop();
  else if (order === "beat") session.beatNow();
  else if ("serves" in order) session.tell(order.serves);
  else options = order.options;
});
await session.run();
main.close();
