/**
 * The connection by which the server knows that a worker lives: it holds the worker's lock, hears hints
 * and beats, again and again on a new one when it is lost. Invariant: a beat names a lock only while
 * this very connection holds it, on a server process that is nobody else's. Each connection takes
 * another lock, since the server may not know yet that the one before is gone.
 */
import { randomInt } from "node:crypto";
import type { Client, ClientConfig } from "pg";
import { leadsToOwnProcess } from "../../database/own-process.ts";
import type { SessionClient } from "../../database/session-target.ts";
import { CHANNEL } from "../hints/hint-sender.ts";
import { beat } from "./beat.ts";
import { LOCK_CLASS } from "./bury.ts";
import type { OwnLease } from "./own-lease.ts";

export type SessionNews =
  /** It has beaten. It hears hints and has a lock, unless a pooler stands between. */
  | { readonly is: "up"; readonly pooled: boolean }
  | { readonly is: "down"; readonly reason: string }
  | { readonly is: "hint"; readonly payload: string }
  /** The worker is not known where the session leads. It was the last. */
  | { readonly is: "gone" }
  /** It beats again, after the main thread had stood still for too long. */
  | { readonly is: "resumed" };

export interface SessionParts {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly lease: OwnLease;
  open(own: ClientConfig): SessionClient;
  onConnect(client: Client): Promise<void>;
  /** While it is, the worker does not tell that it lives. */
  isBlocked(): boolean;
  say(news: SessionNews): void;
}

const BLOCKED_LOOK_MS = 200;
const LONGEST_BACK_OFF_MS = 1000;
const GOODBYE_MS = 500;

export class Session {
  readonly #parts: SessionParts;
  #serves: string | undefined;
  #failures = 0;
  #isDue = false;
  #isStopped = false;
  #running: Promise<void> | undefined;
  /** Ends the pause that is made now. */
  #wake: () => void = () => {};
  /** Gives up the connection that is kept now. */
  #letGo: () => void = () => {};

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Resolves when it is stopped, or the worker is not known any more. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().catch(() => {});
    return this.#running;
  }

  /** From its next beat on it says that this is served. */
  tell(serves: string): void {
    this.#serves = serves;
  }

  /** Without waiting until it is time. */
  beatNow(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Lets go of the lock and the connection. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#letGo();
    this.#wake();
    return this.run();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const letGo = new Promise<void>((resolve) => {
        this.#letGo = resolve;
      });
      let client: SessionClient | undefined;
      try {
        client = this.#open();
        await Promise.race([letGo, lossOf(client), this.#keep(client)]);
        await goodbye(client);
        return;
      } catch (error) {
        if (client !== undefined) void goodbye(client);
        if (!this.#isStopped) this.#parts.say({ is: "down", reason: messageOf(error) });
      }
      await this.#pause(Math.min(LONGEST_BACK_OFF_MS, 10 * 2 ** this.#failures++));
    }
  }

  #open(): SessionClient {
    const { leaseMs, say, open } = this.#parts;
    const client = open({
      application_name: "holdfast session",
      keepAlive: true,
      connectionTimeoutMillis: leaseMs,
      // One that does not answer is as good as lost, and there is time for another before the lease is over.
      query_timeout: Math.max(1000, leaseMs / 3),
    });
    client.on("notification", ({ channel, payload = "" }) => {
      if (channel === CHANNEL) say({ is: "hint", payload });
    });
    return client;
  }

  /** Beats as long as the connection holds. Resolves if the worker is not known. */
  async #keep(client: SessionClient): Promise<void> {
    const { workerId: id, leaseMs, lease, say } = this.#parts;
    await client.connect();
    client.unref();
    await this.#parts.onConnect(client);
    const pooled = !(await leadsToOwnProcess(client));
    const lock = pooled ? undefined : await takeLock(client);
    if (!pooled) await client.query(`listen ${CHANNEL}`);
    for (let isFirst = true; ; isFirst = false) {
      await this.#untilUnblocked();
      if (this.#isStopped) return;
      this.#isDue = false;
      const sent = lease.now();
      if (!(await beat(client, { id, leaseMs, lock, serves: this.#serves }))) break;
      lease.renewed(sent);
      this.#failures = 0;
      if (isFirst) say({ is: "up", pooled });
      if (!this.#isDue) await this.#pause(leaseMs / 3);
    }
    say({ is: "gone" });
  }

  async #untilUnblocked(): Promise<void> {
    if (!this.#parts.isBlocked()) return;
    while (this.#parts.isBlocked() && !this.#isStopped) await this.#pause(BLOCKED_LOOK_MS);
    this.#parts.say({ is: "resumed" });
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function lossOf(client: Client): Promise<never> {
  return new Promise((_, reject) => {
    client.on("error", reject);
    client.on("end", () => reject(new Error("the connection was closed")));
  });
}

async function takeLock(client: Client): Promise<number> {
  for (;;) {
    const lock = randomInt(1, 2 ** 31);
    const { rows } = await client.query<{ taken: boolean }>(
      "select pg_try_advisory_lock($1, $2) as taken",
      [LOCK_CLASS, lock],
    );
    if (rows[0]!.taken) return lock;
  }
}

async function goodbye(client: SessionClient): Promise<void> {
  client.ref();
  const impatience = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => {});
  clearTimeout(impatience);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
