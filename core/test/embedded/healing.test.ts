import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { embeddedStatus, startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";
import { madeHome, serverPid, startProgram, until } from "./support/scratch.ts";

test("a killed server is restarted once, on its port, by one of the processes that use it", async () => {
  const home = await madeHome();
  const programs = [1, 2, 3].map(() => startProgram({ home, mode: "hold" }));
  const [first] = await Promise.all(programs.map((program) => program.next("ready")));
  const pool = new pg.Pool({
    connectionString: (await embeddedStatus({ dir: home })).server?.url,
  });
  pool.on("error", () => {});
  await pool.query("create table kept (n int)");
  const said = () => readFile(join(home, "pg18", "postgres.log"), "utf8");
  const before = (await said()).length;

  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    const killed = await serverPid(home);
    process.kill(killed as number, "SIGKILL");
    await Promise.all(programs.map((program) => program.next("the embedded database is back")));
    const places = await Promise.all(
      programs.map((program) => {
        program.send("where");
        return program.next("where");
      }),
    );
    expect(new Set(places.map(({ pid }) => pid)).size).toBe(1);
    expect(places[0]?.pid).not.toBe(killed);
    expect(places[0]?.port).toBe(first?.port);

    // The same pool finds the server again; what was acknowledged is there.
    await until(() =>
      pool.query("insert into kept values (1)").then(
        () => true,
        () => false,
      ),
    );
    acknowledged += 1;
    const { rows } = await pool.query("select count(*)::int as n from kept");
    expect(rows).toEqual([{ n: acknowledged }]);
  }
  // PostgreSQL's own lock does not bear that several try (see start-turn.ts).
  const log = (await said()).slice(before);
  expect(log.match(/LOG: {2}database system is ready/g)).toHaveLength(3);
  expect(log).not.toContain("lock file");
  await pool.end();
  for (const program of programs) program.send("close");
  await Promise.all(programs.map((program) => program.ended));
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
});

test("a server stopped on purpose stays down, and is found again once someone starts it", async () => {
  const home = await madeHome();
  const attached = startProgram({ home, mode: "hold" });
  await attached.next("ready");
  await stopEmbedded({ dir: home });
  await attached.next("lost the embedded database");
  // Longer than the pause before a restart.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");

  const server = await startEmbedded({ dir: home });
  await attached.next("the embedded database is back");
  expect((await embeddedStatus({ dir: home })).server).toMatchObject({ processes: 2 });
  attached.send("close");
  await attached.ended;
  await server.close();
});

test("a process whose server cannot be restarted still ends by itself", async () => {
  const home = await madeHome();
  const program = startProgram({ home, mode: "hold" });
  const { pid, dir } = await program.next("ready");
  await rename(join(String(dir), "data"), join(String(dir), "moved"));
  process.kill(Number(pid), "SIGKILL");
  await program.next("the embedded database could not be restarted");
  program.send("release");
  expect(await program.ended).toBe(0);
});

test("a process that closes while the server is being restarted leaves nothing running", async () => {
  const home = await madeHome();
  const program = startProgram({ home, mode: "hold" });
  const { pid } = await program.next("ready");
  process.kill(Number(pid), "SIGKILL");
  await program.next("lost the embedded database");
  program.send("close");
  expect(await program.ended).toBe(0);
  const next = await startEmbedded({ dir: home });
  await next.close();
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
});
