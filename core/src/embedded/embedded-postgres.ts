// A process's hold on the embedded server: presence, self-healing and leaving.
// - While the handle is open there is a presence connection, or one is being made: when it ends, and
//   nobody stopped the server on purpose, the server is restarted on its port.
// - Nothing here keeps the process alive once the handle is returned.
// - A process that ends without close() leaves the server running for the next.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type pg from "pg";
import type { Logger } from "../logger.ts";
import { type Acquired, acquire } from "./acquire.ts";
import { patience } from "./patience.ts";
import { holdProcess, isLastOneOut } from "./presence.ts";
import { serverUrl } from "./server-url.ts";
import { shutDown, stopOnPurpose } from "./stop.ts";

/** How long to wait for connections that this process closed to be gone from the server's list. */
const LEAVE_PATIENCE_MS = 500;
const HEAL_TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;
/** How often to look whether someone started a server that was stopped on purpose. */
const STOPPED_PAUSE_MS = 500;

export interface EmbeddedPostgres {
  /** With the password, for `pg`. Not enumerable, and absent from inspection and JSON. */
  readonly url: string;
  readonly host: string;
  /** May change if the server was restarted while something else took its port. */
  readonly port: number;
  readonly pid: number;
  /** The directory of the cluster. */
  readonly dir: string;
  readonly how: "attached" | "started" | "initialised";
  /** How long it took to get there. */
  readonly ms: number;
  /** Gives up this process's hold. The last one out stops the server, unless it is to be kept. */
  close(): Promise<void>;
  /** Stops the server now, whoever else uses it, until someone starts it again. */
  stop(): Promise<void>;
}

export class EmbeddedServer implements EmbeddedPostgres {
  readonly how: Acquired["how"];
  readonly ms: number;
  readonly #home: string;
  readonly #logger: Logger;
  #held: Acquired;
  #closing: Promise<void> | undefined;

  constructor(home: string, acquired: Acquired, ms: number, logger: Logger) {
    this.#home = home;
    this.#logger = logger;
    this.#held = acquired;
    this.how = acquired.how;
    this.ms = ms;
    const text = (): string => `EmbeddedPostgres ${inspect(this.toJSON())}`;
    Object.defineProperty(this, inspect.custom, { value: text });
    this.#watch(acquired.client);
  }

  get url(): string {
    return serverUrl(this.#held.address);
  }

  get host(): string {
    return this.#held.address.host;
  }

  get port(): number {
    return this.#held.address.port;
  }

  get pid(): number {
    return this.#held.pid;
  }

  get dir(): string {
    return this.#held.layout.cluster;
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async stop(): Promise<void> {
    this.#closing ??= Promise.resolve();
    await this.#held.client.end().catch(() => {});
    await stopOnPurpose(this.#held.layout);
  }

  toJSON(): Record<string, unknown> {
    const { host, port, pid, dir, how, ms } = this;
    return { host, port, pid, dir, how, ms };
  }

  #watch(client: pg.Client): void {
    holdProcess(client, false);
    client.once("end", () => {
      if (!this.#closing) void this.#heal();
    });
  }

  async #leave(): Promise<void> {
    const { client, layout } = this.#held;
    holdProcess(client, true);
    try {
      const last = await isLastOneOut(client, LEAVE_PATIENCE_MS);
      if (last && !existsSync(layout.keep)) await shutDown(layout);
    } catch (error) {
      // The server went away while we were leaving: someone else was the last, or it died.
      this.#logger.debug("left an embedded database that was going down", { error });
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #heal(): Promise<void> {
    this.#logger.warn("lost the embedded database", { directory: this.dir });
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#closing) {
      // Of several processes one restarts the server; the delay lets the others find it running.
      await sleep(pauseMs * (0.5 + Math.random()), undefined, { ref: false });
      if (existsSync(this.#held.layout.stopped)) {
        pauseMs = STOPPED_PAUSE_MS;
        continue;
      }
      try {
        const held = await acquire({
          home: this.#home,
          patience: patience(HEAL_TIMEOUT_MS, false),
          logger: this.#logger,
          create: false,
        });
        await this.#resume(held);
        return;
      } catch (error) {
        pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
        this.#logger.error("the embedded database could not be restarted", { error });
      }
    }
  }

  async #resume(held: Acquired): Promise<void> {
    if (held.address.port !== this.port) {
      this.#logger.error("the embedded database had to change its port", {
        from: this.port,
        to: held.address.port,
      });
    }
    this.#held = held;
    if (this.#closing) return this.#leave();
    this.#watch(held.client);
    this.#logger.info("the embedded database is back", { how: held.how, port: this.port });
  }
}
