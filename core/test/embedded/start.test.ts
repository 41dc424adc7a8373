import { execFileSync } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import pg from "pg";
import { expect, test } from "vitest";
import { embeddedStatus, startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";
import { isRunning, madeHome, scratchHome, startProgram } from "./support/scratch.ts";

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

test("the first start makes a cluster, the second starts it, a third attaches", async () => {
  const home = await scratchHome();
  const first = await startEmbedded({ dir: home });
  expect(first.how).toBe("initialised");
  await query(first.url, "create table kept (n int)");
  await first.close();
  expect(isRunning(first.pid)).toBe(false);

  const second = await startEmbedded({ dir: home });
  expect(second.how).toBe("started");
  expect(second.port).toBe(first.port);
  const third = await startEmbedded({ dir: home });
  expect(third.how).toBe("attached");
  expect(third.pid).toBe(second.pid);
  expect(await query(third.url, "select * from kept")).toEqual([]);

  await second.close();
  expect(isRunning(third.pid)).toBe(true);
  await third.close();
  expect(isRunning(third.pid)).toBe(false);
});

test("the server is durable, speaks UTF8 in locale C and listens on loopback only", async () => {
  const server = await startEmbedded({ dir: await scratchHome() });
  const [settings] = await query(
    server.url,
    `select current_setting('server_version_num')::int / 10000 as major,
            current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
            current_setting('max_connections') as max, current_setting('listen_addresses') as listen,
            current_setting('unix_socket_directories') as sockets,
            current_setting('password_encryption') as password,
            (select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database
              where datname = 'postgres') as locale`,
  );
  expect(settings).toEqual({
    major: 18,
    fsync: "on",
    sync: "on",
    max: "200",
    listen: "127.0.0.1",
    sockets: "",
    password: "scram-sha-256",
    locale: "C UTF8",
  });
  const wrong = server.url.replace(/:[^:@]+@/, ":wrong@");
  await expect(query(wrong, "select 1")).rejects.toMatchObject({ code: "28P01" });
  await server.close();
});

test("the password is in one file that only its owner reads, and nowhere else", async () => {
  const home = await scratchHome();
  const server = await startEmbedded({ dir: home });
  const file = join(server.dir, "password");
  const password = (await readFile(file, "utf8")).trim();
  expect(password.length).toBeGreaterThan(20);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(server.dir)).mode & 0o777).toBe(0o700);
  expect((await stat(home)).mode & 0o066).toBe(0);
  expect(await readFile(join(home, ".gitignore"), "utf8")).toBe("*\n");

  expect(server.url).toContain(password);
  expect(Object.keys(server)).not.toContain("url");
  const status = await embeddedStatus({ dir: home });
  expect(status.server?.url).toBe(server.url);
  for (const shown of [server, { ...server }, status, { server }]) {
    expect(JSON.stringify(shown) + inspect(shown, { depth: 9, showHidden: false })).not.toContain(
      password,
    );
  }
  expect(execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" })).not.toContain(password);
  await server.close();
});

test.runIf(process.platform === "linux")(
  "the server does not inherit the secrets and PG variables of the program that starts it",
  async () => {
    const home = await madeHome();
    const env = { OPENAI_API_KEY: "sk-secret", PGOPTIONS: "-c work_mem=1MB", PGDATA: "/nowhere" };
    const program = startProgram({ home, mode: "hold", env });
    const { pid } = await program.next("ready");
    const environment = await readFile(`/proc/${pid}/environ`, "utf8");
    expect(environment).toContain("LC_ALL=C");
    expect(environment).not.toMatch(/sk-secret|PGOPTIONS|PGDATA=\/nowhere/);
    program.send("close");
    await program.ended;
  },
);

test("a server that is to be kept outlives its last process until it is stopped", async () => {
  const home = await madeHome();
  const server = await startEmbedded({ dir: home, keep: true });
  await server.close();
  expect(await embeddedStatus({ dir: home })).toMatchObject({
    state: "running",
    kept: true,
    server: { pid: server.pid, processes: 0 },
  });
  expect(await stopEmbedded({ dir: home })).toBe(true);
  expect(await stopEmbedded({ dir: home })).toBe(false);
  expect(await embeddedStatus({ dir: home })).toMatchObject({ state: "stopped", kept: false });
});

test("asking for the status of nothing makes nothing", async () => {
  const home = await scratchHome();
  expect(await embeddedStatus({ dir: home })).toMatchObject({ state: "none", server: undefined });
  expect(await stopEmbedded({ dir: home })).toBe(false);
  expect(await readdir(dirname(home))).toEqual([]);
});

test("no failed start and no second start leaves files behind", async () => {
  const home = await scratchHome();
  await (await startEmbedded({ dir: home })).close();
  await (await startEmbedded({ dir: home })).close();
  expect((await readdir(home)).sort()).toEqual([".gitignore", "pg18"]);
  expect((await readdir(join(home, "pg18"))).sort()).toEqual([
    "data",
    "password",
    "port",
    "postgres.log",
    "starting.2", // Whose turn it was to start it: one file, whatever the number.
  ]);
});
