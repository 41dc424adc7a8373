import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmbedded, stopEmbedded } from "@holdfast/core/embedded";
import { describe, expect, onTestFinished, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function holdfast(args: readonly string[], env: Record<string, string> = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

async function scratchHome(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-cli-"));
  await chmod(root, 0o755);
  const home = join(root, ".holdfast");
  onTestFinished(async () => {
    await stopEmbedded({ dir: home });
    await rm(root, { recursive: true });
  });
  return home;
}

test("start, status, url and stop tell the life of a server, for people", async () => {
  const dir = await scratchHome();
  const none = holdfast(["db", "status", "--dir", dir]);
  expect(none).toMatchObject({ code: 0, stderr: "" });
  expect(none.stdout).toMatch(/PostgreSQL +not created yet[\s\S]*Next +holdfast db start/);

  const started = holdfast(["db", "start", "--dir", dir]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  expect(started.stdout).toMatch(/created and started \(\d+ ms\)\nAddress +127\.0\.0\.1:\d+/);

  const running = holdfast(["db", "status", "--dir", dir]).stdout;
  expect(running).toMatch(/PostgreSQL +running \(18\.\d+\)/);
  expect(running).toMatch(/Used by +0 processes, 0 other connections/);
  expect(running).toMatch(/Stops +with holdfast db stop/);

  expect(holdfast(["db", "start", "--dir", dir]).stdout).toContain("was running already");
  expect(holdfast(["db", "stop", "--dir", dir]).stdout).toBe("PostgreSQL stopped\n");
  expect(holdfast(["db", "stop", "--dir", dir]).stdout).toBe("PostgreSQL was not running\n");
  expect(holdfast(["db", "status", "--dir", dir]).stdout).toMatch(/PostgreSQL +stopped/);
});

test("every command prints one JSON document when asked", async () => {
  const dir = await scratchHome();
  const json = (...args: string[]): unknown => {
    const { code, stdout, stderr } = holdfast(["db", ...args, "--dir", dir, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd()).not.toContain("\n");
    return JSON.parse(stdout);
  };
  const cluster = join(dir, "pg18");
  expect(json("status")).toEqual({ state: "none", dir: cluster, kept: false, server: null });
  const started = json("start");
  expect(started).toMatchObject({ how: "initialised", host: "127.0.0.1", dir: cluster });
  const { port, pid } = started as { port: number; pid: number };
  expect(json("status")).toEqual({
    state: "running",
    dir: cluster,
    kept: true,
    server: {
      host: "127.0.0.1",
      port,
      pid,
      version: expect.stringMatching(/^18\./),
      processes: 0,
      connections: 0,
    },
  });
  expect(json("url")).toEqual({ url: `postgres://postgres:***@127.0.0.1:${port}/postgres` });
  expect(json("stop")).toEqual({ stopped: true });
});

test("the password is printed only when asked for in so many words", async () => {
  const dir = await scratchHome();
  const server = await startEmbedded({ dir });
  const password = (await readFile(join(server.dir, "password"), "utf8")).trim();
  for (const command of ["start", "status", "url"]) {
    for (const json of [[], ["--json"]]) {
      const { stdout, stderr } = holdfast(["db", command, "--dir", dir, ...json]);
      expect(stdout + stderr).not.toContain(password);
    }
  }
  expect(holdfast(["db", "url", "--show-password", "--dir", dir]).stdout.trim()).toBe(server.url);
  await server.close();
});

test("HOLDFAST_HOME names the files, and HOLDFAST_DATABASE_URL is pointed out", async () => {
  const dir = await scratchHome();
  const { stdout } = holdfast(["db", "status"], {
    HOLDFAST_HOME: dir,
    HOLDFAST_DATABASE_URL: "postgres://ana:secret@db/app",
  });
  expect(stdout).toContain(join(dir, "pg18"));
  expect(stdout).toMatch(/Note +HOLDFAST_DATABASE_URL is set/);
  expect(stdout).not.toContain("secret");
});

describe("failures go to stderr, with what to do and a code scripts can use", () => {
  test("no server to give the URL of: 3", async () => {
    const dir = await scratchHome();
    const { code, stdout, stderr } = holdfast(["db", "url", "--dir", dir]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(
      /^error: No PostgreSQL runs in .*\n {2}What to do: Start it: holdfast db start/,
    );
  });

  test("the same as JSON", async () => {
    const dir = await scratchHome();
    const { code, stdout, stderr } = holdfast(["db", "url", "--json", "--dir", dir]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "NOT_FOUND",
        message: `No PostgreSQL runs in ${join(dir, "pg18")}.`,
        hint: expect.stringContaining("holdfast db start"),
      },
    });
  });

  test("a start that fails: 1, with the code of the library", async () => {
    const { code, stderr } = holdfast(["db", "start", "--json", "--dir", join(MAIN, "no")]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "EMBEDDED_START_FAILED" } });
    expect(JSON.parse(stderr).error.message).not.toContain("What to do");
  });

  test.each([
    [["db", "frob"], "unknown command 'frob'"],
    [["frob"], "unknown command 'frob'"],
    [["db", "start", "--frob"], "unknown option '--frob'"],
    [["db"], "a command is missing"],
    [[], "a command is missing"],
  ])("%j is wrong usage: 2", (args, message) => {
    const { code, stdout, stderr } = holdfast(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help");
    const asJson = holdfast([...args, "--json"]);
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: "USAGE" } });
  });
});

test("help teaches by example, the version is that of the package", async () => {
  for (const args of [["--help"], ["db", "start", "--help"], ["db", "url", "--help"]]) {
    const { code, stdout, stderr } = holdfast(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/Examples:\n {2}\$ holdfast db /);
  }
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  expect(holdfast(["--version"]).stdout).toBe(`${JSON.parse(manifest).version}\n`);
});
