/**
 * A real pgbouncer, as Debian ships it. Its file of passwords is readable by
 * nobody else, and it is gone with everything it wrote when the tests of the file are over.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, inject } from "vitest";

const PROGRAM = process.env.HOLDFAST_TEST_PGBOUNCER ?? "/usr/sbin/pgbouncer";

export interface Pgbouncer {
  /** The URL of a database of the tests' server, through the pooler. Once the tests have begun. */
  through(databaseUrl: string): string;
  /** Ends it with all connections through it, and starts it on the same port. */
  restart(): Promise<void>;
}

export interface PgbouncerOptions {
  readonly mode: "transaction" | "session";
  /** How many connections to the server it shares among its clients. */
  readonly connections: number;
}

/**
 * Stands in front of the tests' server from before the tests of a file until after them. Call it before
 * `testDatabase`, or it is gone when the stores are closed.
 */
export function pgbouncer({ mode, connections }: PgbouncerOptions): Pgbouncer {
  const { hostname, port: serverPort, username, password } = new URL(inject("adminUrl"));
  let folder = "";
  let port = 0;
  let child: ChildProcess | undefined;

  const start = async () => {
    const account = await unprivileged();
    const started = spawn(PROGRAM, ["-q", join(folder, "pgbouncer.ini")], {
      ...account,
      stdio: ["ignore", "ignore", "inherit"],
    });
    child = started;
    // `once` rejects when the program is not there.
    const ended = once(started, "exit").then(([code]) => {
      throw new Error(`pgbouncer ended with ${code} before it accepted connections.`);
    });
    await Promise.race([accepts(port), ended]);
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "holdfast-pgbouncer-"));
    port = await freePort();
    const settings = [
      "[databases]",
      `* = host=${hostname} port=${serverPort}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = scram-sha-256",
      `auth_file = ${join(folder, "users")}`,
      `pool_mode = ${mode}`,
      `default_pool_size = ${connections}`,
    ].join("\n");
    const quoted = (text: string) => `"${decodeURIComponent(text).replaceAll('"', '""')}"`;
    const users = `${quoted(username)} ${quoted(password)}\n`;
    await writeFile(join(folder, "pgbouncer.ini"), settings, { mode: 0o600 });
    await writeFile(join(folder, "users"), users, { mode: 0o600 });
    const { uid, gid } = await unprivileged();
    if (uid !== undefined && gid !== undefined) {
      for (const path of [folder, join(folder, "pgbouncer.ini"), join(folder, "users")]) {
        await chown(path, uid, gid);
      }
    }
    await start();
  });
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    through(databaseUrl) {
      const url = new URL(databaseUrl);
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    async restart() {
      await stop();
      await start();
    },
  };
}

/** It refuses to run as root. */
async function unprivileged(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(await readFile("/etc/passwd", "utf8"));
  return { uid: Number(fields?.[1]), gid: Number(fields?.[2]) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(20);
  }
}
