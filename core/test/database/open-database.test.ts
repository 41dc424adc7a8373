import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { assertSupported } from "../../src/database/ask-server.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../../src/database/index.ts";
import { type EmbeddedPostgres, startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";

let dir: string;
let embedded: EmbeddedPostgres;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  embedded = await startEmbedded({ dir });
});

afterAll(async () => {
  await embedded.stop();
  await rm(dir, { recursive: true });
});

async function open(options: DatabaseOptions): Promise<Database> {
  const database = await openDatabase(options);
  onTestFinished(() => database.close());
  return database;
}

function urlWith(change: (url: URL) => void): string {
  const url = new URL(embedded.url);
  change(url);
  return url.href;
}

const servers = [
  { name: "the embedded server", url: () => embedded.url },
  ...(process.env.HOLDFAST_TEST_DATABASE_URL
    ? [{ name: "the given server", url: () => process.env.HOLDFAST_TEST_DATABASE_URL as string }]
    : []),
];

describe.each(servers)("on $name", ({ url }) => {
  test("a URL opens it, and the description tells what and where without the password", async () => {
    const database = await open({ database: url() });
    const { hostname, port, password } = new URL(url());
    expect(database.description).toContain(`${hostname}:${port}/`);
    expect(database.description).toMatch(/^PostgreSQL \d+\.\d+ at /);
    expect(database.versionNumber).toBeGreaterThanOrEqual(150_000);
    expect(database.embedded).toBe(false);
    if (password) expect(database.description).not.toContain(password);
  });

  test("each pool's connections carry its purpose", async () => {
    const database = await open({ database: `${url()}?application_name=other` });
    for (const purpose of ["append", "control"]) {
      const { rows } = await database
        .pool(purpose, { max: 2, pipeline: purpose === "append" })
        .query("select current_setting('application_name') as name");
      expect(rows).toEqual([{ name: `holdfast ${purpose}` }]);
    }
  });

  test("commits wait for the disk whatever the URL asks for, from the first query on", async () => {
    const options = "?options=-c%20synchronous_commit%3Doff";
    const database = await open({ database: url() + options });
    const pool = database.pool("append", { max: 4 });
    const query = "select current_setting('synchronous_commit') as sync";
    const results = await Promise.all(Array.from({ length: 16 }, () => pool.query(query)));
    for (const { rows } of results) expect(rows).toEqual([{ sync: "on" }]);
  });

  test("a promise stronger than that of the disk is left as it is", async () => {
    const options = "?options=-c%20synchronous_commit%3Dremote_apply";
    const pool = (await open({ database: url() + options })).pool("append", { max: 1 });
    const { rows } = await pool.query("select current_setting('synchronous_commit') as sync");
    expect(rows).toEqual([{ sync: "remote_apply" }]);
  });

  test("a connection that is lost, idle or in use, is reported and replaced", async () => {
    const warn = vi.fn();
    const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
    const database = await open({ database: url(), logger });
    const pool = database.pool("append", { max: 2 });
    const admin = database.pool("control", { max: 1 });
    const held = await pool.connect();
    const idle = await pool.query("select pg_backend_pid() as pid");
    const { rows } = await held.query("select pg_backend_pid() as pid");
    for (const { pid } of [...rows, ...idle.rows]) {
      await admin.query("select pg_terminate_backend($1)", [pid]);
    }
    await expect.poll(() => warn.mock.calls.length).toBe(2);
    held.release(true);
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

test("without a database given it is the embedded one, released by close", async () => {
  vi.stubEnv("HOLDFAST_DATABASE_URL", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const database = await openDatabase({ embeddedDir: dir });
  expect(database.embedded).toBe(true);
  expect(database.description).toMatch(
    /^PostgreSQL 18\.\d+ \(embedded\) at 127\.0\.0\.1:\d+\/postgres$/,
  );
  const pool = database.pool("append", { max: 1 });
  await pool.query("select 1");
  await database.close();
  await database.close();
  expect(pool.ended).toBe(true);
  expect(() => database.pool("append", { max: 1 })).toThrow(
    expect.objectContaining({ code: "STORE_CLOSED" }),
  );
});

test("HOLDFAST_DATABASE_URL names it, and the option goes before it", async () => {
  vi.stubEnv("HOLDFAST_DATABASE_URL", "mysql://nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(openDatabase()).rejects.toMatchObject({ code: "DATABASE_URL_INVALID" });
  await open({ database: embedded.url });
  vi.stubEnv("HOLDFAST_DATABASE_URL", embedded.url);
  expect((await open({})).embedded).toBe(false);
});

test("pools find an embedded server again that had to come back on another port", async () => {
  const home = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  const server = await startEmbedded({ dir: home });
  onTestFinished(async () => {
    await stopEmbedded({ dir: home });
    await rm(home, { recursive: true });
  });
  vi.stubEnv("HOLDFAST_DATABASE_URL", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const database = await openDatabase({ embeddedDir: home });
  onTestFinished(() => database.close());
  const pool = database.pool("append", { max: 1 });
  await pool.query("create table kept as select 1 as one");

  const { port } = server;
  await stopEmbedded({ dir: home });
  const squatter = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  onTestFinished(() => void squatter.close());
  await once(squatter, "listening");
  const again = await startEmbedded({ dir: home });
  await vi.waitFor(
    async () => expect((await pool.query("select * from kept")).rows).toEqual([{ one: 1 }]),
    { timeout: 20_000 },
  );
  expect(again.port).not.toBe(port);
  await vi.waitFor(() => expect(server.port).toBe(again.port), { timeout: 20_000 });
});

describe("a pool of the user's", () => {
  const options = (): pg.PoolConfig => {
    const { hostname, port, username, password } = new URL(embedded.url);
    return {
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: "postgres",
      application_name: "theirs",
    };
  };

  test("lends its options and stays untouched", async () => {
    const connected = vi.fn();
    class TheirClient extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super(config);
        connected();
      }
    }
    const theirs = new pg.Pool({
      ...options(),
      max: 1,
      Client: TheirClient,
      onConnect: async (client) => void (await client.query("set search_path = theirs")),
      types: { getTypeParser: () => () => "theirs" },
    });
    const database = await open({ database: theirs });
    const pool = database.pool("append", { max: 3 });
    const { rows } = await pool.query(
      `select current_setting('application_name') as name, current_setting('search_path') as path`,
    );
    expect(rows).toEqual([{ name: "holdfast append", path: "theirs" }]);
    expect(connected).toHaveBeenCalledTimes(2); // the first looked at the server
    expect(theirs.totalCount).toBe(0);
    await database.close();
    expect(theirs.ended).toBe(false);
    await theirs.end();
  });

  test("may compute its password, and may hold a URL", async () => {
    const { password, ...rest } = options();
    const computed = new pg.Pool({ ...rest, password: async () => String(password) });
    await open({ database: computed });
    const connectionString = `${embedded.url}?application_name=theirs`;
    const database = await open({ database: new pg.Pool({ connectionString }) });
    const { rows } = await database
      .pool("append", { max: 1 })
      .query("select current_setting('application_name') as name");
    expect(rows).toEqual([{ name: "holdfast append" }]);
  });

  test("with a wrong password shows it nowhere", async () => {
    const theirs = new pg.Pool({ ...options(), password: "hunter22" });
    const error: unknown = await openDatabase({ database: theirs }).catch((reason) => reason);
    expect(error).toMatchObject({ code: "DATABASE_AUTH_FAILED" });
    const { inspect } = await import("node:util");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hunter22");
  });
});

describe("what goes wrong is said with what to do", () => {
  test("wrong password", async () => {
    const database = urlWith((url) => {
      url.password = "p@ss:w/rd";
    });
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_AUTH_FAILED",
      message: expect.stringContaining('user "postgres"'),
      hint: expect.stringContaining("password"),
      cause: { code: "28P01" },
    });
  });

  test("no such database", async () => {
    const database = urlWith((url) => {
      url.pathname = "/missing";
    });
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_MISSING",
      hint: expect.stringContaining("createdb"),
    });
  });

  test("no privilege to connect", async () => {
    const admin = await open({ database: embedded.url });
    const pool = admin.pool("test", { max: 1 });
    await pool.query("create role visitor login password 'visitor-secret'");
    await pool.query("create database closed");
    await pool.query("revoke connect on database closed from public");
    const database = urlWith((url) => {
      url.username = "visitor";
      url.password = "visitor-secret";
      url.pathname = "/closed";
    });
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_PERMISSION_DENIED",
      hint: expect.stringContaining('GRANT CONNECT, CREATE ON DATABASE "closed" TO "visitor"'),
    });
  });

  test("nothing listens there", async () => {
    const database = "postgres://ana:secret@127.0.0.1:1/app";
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringContaining("127.0.0.1:1"),
      hint: expect.stringContaining("Start that server"),
      cause: { code: "ECONNREFUSED" },
    });
  });

  test("no such host", async () => {
    const database = "postgres://ana:secret@holdfast.invalid:5432/app";
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringMatching(/holdfast\.invalid:5432.*name of the host/),
    });
  });

  test("a server that never answers", async () => {
    const port = await listen(() => {});
    const theirs = new pg.Pool({ host: "127.0.0.1", port, connectionTimeoutMillis: 200 });
    await expect(openDatabase({ database: theirs })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringContaining("no answer in time"),
    });
  });

  test("TLS asked of a server without it", async () => {
    const database = `${embedded.url}?sslmode=verify-full`;
    await expect(openDatabase({ database })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      hint: expect.stringContaining("sslmode"),
    });
  });

  test.each([
    "",
    "   ",
    "localhost",
    "mysql://ana:secret@db/app",
    "host=db password=secret",
    "postgres://ana:12/secret@db/app",
    "postgres://ana:secret@db:port/app",
    "postgres://ana:secret@db/app?sslrootcert=/no/such/file&sslmode=verify-full",
  ])("%j is not a usable URL", async (database) => {
    const error: unknown = await openDatabase({ database }).catch((reason) => reason);
    expect(error).toMatchObject({
      code: "DATABASE_URL_INVALID",
      hint: expect.stringContaining("postgres://user:password@host:5432/database"),
    });
    expect(String(error)).not.toContain("secret");
  });
});

describe("a server before PostgreSQL 15", () => {
  test("is refused by its number", () => {
    expect(() => assertSupported(150_000, "15.0", "db:5432/app")).not.toThrow();
    expect(() => assertSupported(149_999, "14.99", "db:5432/app")).toThrow(
      expect.objectContaining({ code: "DATABASE_TOO_OLD" }),
    );
  });

  test("is refused over the wire, and the connection is given up", async () => {
    const sockets: Socket[] = [];
    const port = await listen((socket) => {
      sockets.push(socket);
      answerAsVersion14(socket);
    });
    await expect(
      openDatabase({ database: `postgres://ana:secret@127.0.0.1:${port}/app` }),
    ).rejects.toMatchObject({
      code: "DATABASE_TOO_OLD",
      message: expect.stringMatching(/127\.0\.0\.1:\d+\/app is PostgreSQL 14\.12/),
      details: { expected: 150_000, found: 140_012 },
    });
    await expect.poll(() => sockets.every((socket) => socket.readableEnded)).toBe(true);
  });
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer(onConnection).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** As much of the protocol as it takes to let a client in and answer its two questions. */
function answerAsVersion14(socket: Socket): void {
  const message = (type: string, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from(type), int(4, body.length + 4), body]);
  };
  const int = (size: 2 | 4, value: number): Buffer => {
    const buffer = Buffer.alloc(size);
    buffer.writeIntBE(value, 0, size);
    return buffer;
  };
  const column = (name: string, type: number): Buffer =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int(4, 0),
      int(2, 0),
      int(4, type),
      int(2, 4),
      int(4, -1),
      int(2, 0),
    ]);
  const value = (text: string): Buffer => Buffer.concat([int(4, text.length), Buffer.from(text)]);
  const ready = message("Z", Buffer.from("I"));

  let started = false;
  socket.on("data", (data) => {
    if (!started) {
      started = true;
      socket.write(Buffer.concat([message("R", int(4, 0)), ready]));
      return;
    }
    if (!data.toString("latin1").startsWith("Q")) return;
    const rows = data.includes("server_version_num")
      ? [
          message("T", int(2, 2), column("versionNumber", 23), column("version", 25)),
          message("D", int(2, 2), value("140012"), value("14.12")),
        ]
      : [];
    socket.write(Buffer.concat([...rows, message("C", Buffer.from("SELECT 1\0")), ready]));
  });
}
