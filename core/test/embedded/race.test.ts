import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { embeddedStatus, startEmbedded } from "../../src/embedded/index.ts";
import { madeHome, scratchHome, startProgram, until } from "./support/scratch.ts";

test("four processes that start at once from nothing share one server", async () => {
  const home = await scratchHome();
  const programs = [1, 2, 3, 4].map(() => startProgram({ home, mode: "hold" }));
  const ready = await Promise.all(programs.map((program) => program.next("ready")));
  expect(new Set(ready.map(({ pid }) => pid)).size).toBe(1);
  expect(ready.filter(({ how }) => how === "initialised")).toHaveLength(1);
  expect((await readdir(home)).sort()).toEqual([".gitignore", "pg18"]);
  for (const program of programs) program.send("close");
  expect(await Promise.all(programs.map((program) => program.ended))).toEqual([0, 0, 0, 0]);
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
});

test("four processes that start an existing cluster at once share one server", async () => {
  const home = await madeHome();
  const servers = await Promise.all([1, 2, 3, 4].map(() => startEmbedded({ dir: home })));
  expect(new Set(servers.map(({ pid }) => pid)).size).toBe(1);
  expect(servers.filter(({ how }) => how === "started")).toHaveLength(1);
  await Promise.all(servers.map((server) => server.close()));
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
});

test("a process killed while it makes the cluster does not hinder the next, which cleans up", async () => {
  const home = await scratchHome();
  const killed = startProgram({ home, mode: "hold" });
  await until(async () => (await readdir(home).catch((): string[] => [])).some(isBeginning));
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = await startEmbedded({ dir: home });
  expect(next.how).toBe("initialised");
  expect((await readdir(home)).sort()).toEqual([".gitignore", "pg18"]);
  await next.close();
});

function isBeginning(name: string): boolean {
  return name.startsWith("init-");
}

test("leftovers of dead processes and of other versions go, those of living ones stay", async () => {
  const home = await madeHome();
  const mine = `init-${process.pid}-00000000`;
  const stale = ["init-4194305-00000000", "binaries-18.0.0", "binaries-18.4.0.4194305-00000000"];
  for (const name of [mine, ...stale]) {
    await mkdir(join(home, name));
    await writeFile(join(home, name, "file"), "");
  }
  const server = await startEmbedded({ dir: home });
  expect((await readdir(home)).sort()).toEqual([".gitignore", mine, "pg18"].sort());
  await server.close();
});

test("when the port is taken the server starts on another and keeps that one", async () => {
  const home = await madeHome();
  const first = await startEmbedded({ dir: home });
  await first.close();
  const squatter = createServer().listen(first.port, "127.0.0.1");
  onTestFinished(() => void squatter.close());
  await new Promise((resolve) => squatter.once("listening", resolve));

  const second = await startEmbedded({ dir: home });
  expect(second.port).not.toBe(first.port);
  await second.close();
  await new Promise((resolve) => squatter.close(resolve));
  const third = await startEmbedded({ dir: home });
  expect(third.port).toBe(second.port);
  await third.close();
});
