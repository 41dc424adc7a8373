/**
 * A PostgreSQL of the test's own, from the embedded binaries, that can be killed and started again when
 * the test wants. Nobody else starts it: unlike the embedded one it stays down as long as it is down.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, chmod, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { locateBinaries, programPath } from "../../../core/src/embedded/binaries.ts";
import { prepareHome } from "../../../core/src/embedded/home.ts";
import { initialise } from "../../../core/src/embedded/initialise.ts";
import type { Layout } from "../../../core/src/embedded/layout.ts";
import { patience } from "../../../core/src/embedded/patience.ts";
import { readPostmaster } from "../../../core/src/embedded/postmaster.ts";
import { serverEnvironment } from "../../../core/src/embedded/run-as.ts";
import { type ServiceUser, serviceUser } from "../../../core/src/embedded/service-user.ts";

export interface PrivatePostgresOptions {
  /** The address it listens at. Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

const START_MS = 60_000;

export class PrivatePostgres {
  readonly #home: string;
  readonly #layout: Layout;
  readonly #program: string;
  readonly #user: ServiceUser | undefined;
  readonly #password: string;
  readonly #host: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(
    made: {
      readonly home: string;
      readonly layout: Layout;
      readonly program: string;
      readonly user: ServiceUser | undefined;
      readonly password: string;
    },
    { host = "127.0.0.1", port }: PrivatePostgresOptions & { readonly port: number },
  ) {
    this.#home = made.home;
    this.#layout = made.layout;
    this.#program = made.program;
    this.#user = made.user;
    this.#password = made.password;
    this.#host = host;
    this.#port = port;
  }

  /** Makes one, and starts it. */
  static async open(options: PrivatePostgresOptions = {}): Promise<PrivatePostgres> {
    const home = await mkdtemp(join(tmpdir(), "holdfast-chaos-"));
    await chmod(home, 0o755);
    const user = await serviceUser(join(home, "nothing"));
    const layout = await prepareHome(home, user);
    await initialise(layout, patience(START_MS, true));
    const program = programPath(await locateBinaries(layout, user), "postgres");
    const password = (await readFile(layout.password, "utf8")).trim();
    // Hosts of a link come from another address than this machine's own.
    await appendFile(join(layout.data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
    const port = options.port ?? (await freePort());
    const postgres = new PrivatePostgres(
      { home, layout, program, user, password },
      { ...options, port },
    );
    await postgres.start();
    return postgres;
  }

  /** With its password. */
  url(database: string): string {
    const password = encodeURIComponent(this.#password);
    return `postgres://postgres:${password}@${this.#host}:${this.#port}/${database}`;
  }

  /** Resolves when it lets clients in. */
  async start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const child = await this.#spawn();
      this.#process = child;
      while (child.exitCode === null && child.signalCode === null) {
        const found = await readPostmaster(this.#layout.data);
        if (found?.pid === child.pid && found?.status === "ready") return;
        await delay(10);
      }
      if (performance.now() > deadline) throw new Error(await this.#lastWords());
      // Processes of the one before have not noticed yet that it is gone.
      await delay(50);
    }
  }

  /** Kills the postmaster, and with it, soon, all that it started. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    this.#process = undefined;
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGQUIT");
      await exited;
    }
    await rm(this.#home, { recursive: true, force: true });
    await rm(this.#layout.base, { recursive: true, force: true });
  }

  async #spawn(): Promise<ChildProcess> {
    const user = this.#user;
    const log = await open(this.#layout.log, "a", 0o600);
    if (user !== undefined) await log.chown(user.uid, user.gid);
    const settings = [`listen_addresses=${this.#host}`, "unix_socket_directories="];
    const args = ["-D", this.#layout.data, "-p", String(this.#port)];
    const child = spawn(this.#program, [...args, ...settings.flatMap((one) => ["-c", one])], {
      cwd: this.#layout.cluster,
      env: serverEnvironment(),
      stdio: ["ignore", log.fd, log.fd],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    await log.close();
    return child;
  }

  async #lastWords(): Promise<string> {
    const log = await readFile(this.#layout.log, "utf8").catch(() => "");
    return `The PostgreSQL of the test did not start.\n${log.slice(-2000)}`;
  }
}

/** A name for a database that nobody has used. */
export function newDatabaseName(): string {
  return `chaos_${randomBytes(4).toString("hex")}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
