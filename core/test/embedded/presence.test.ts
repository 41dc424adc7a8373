import pg from "pg";
import { expect, test } from "vitest";
import { embeddedStatus, startEmbedded } from "../../src/embedded/index.ts";
import { isRunning, madeHome, serverPid, startProgram, until } from "./support/scratch.ts";

test("two processes that close at once leave a stopped server", async () => {
  const home = await madeHome();
  const keeper = await startEmbedded({ dir: home });
  for (let round = 0; round < 5; round++) {
    const [a, b] = [1, 2].map(() => startProgram({ home, mode: "hold" }));
    const started = await Promise.all([a?.next("ready"), b?.next("ready")]);
    if (round === 0) await keeper.close();
    a?.send("close");
    b?.send("close");
    expect(await Promise.all([a?.ended, b?.ended])).toEqual([0, 0]);
    expect(isRunning(Number(started[0]?.pid))).toBe(false);
    expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
  }
});

test("a process that attaches while the last one leaves ends up with a running server", async () => {
  const home = await madeHome();
  let leaving = await startEmbedded({ dir: home });
  for (let round = 0; round < 20; round++) {
    const left = leaving.close();
    // From "before the decision" to "while the server goes down".
    await new Promise((resolve) => setTimeout(resolve, round * 1.5));
    const arrived = await startEmbedded({ dir: home });
    await left;
    const client = new pg.Client({ connectionString: arrived.url });
    await client.connect();
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await client.end();
    leaving = arrived;
  }
  await leaving.close();
});

test("another client keeps the server up, and its last process does not wait long for it", async () => {
  const home = await madeHome();
  const server = await startEmbedded({ dir: home });
  const psql = new pg.Client({ connectionString: server.url });
  await psql.connect();
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(2_000);
  expect((await psql.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await psql.end();
  expect(await embeddedStatus({ dir: home })).toMatchObject({ server: { processes: 0 } });
});

test("connections this process has just closed do not keep the server up", async () => {
  const home = await madeHome();
  const server = await startEmbedded({ dir: home });
  const pool = new pg.Pool({ connectionString: server.url, max: 10 });
  await Promise.all(Array.from({ length: 10 }, () => pool.query("select pg_sleep(0.01)")));
  await pool.end();
  await server.close();
  expect(isRunning(server.pid)).toBe(false);
});

test("a process that is killed leaves the server running for the next", async () => {
  const home = await madeHome();
  const killed = startProgram({ home, mode: "hold" });
  const { pid, port } = await killed.next("ready");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = await startEmbedded({ dir: home });
  expect(next).toMatchObject({ how: "attached", pid, port });
  await until(
    async () => (await embeddedStatus({ dir: home })).server?.processes === 1, // its own
  );
  await next.close();
  expect(isRunning(Number(pid))).toBe(false);
});

test("holding the server does not keep a process alive that has nothing else to do", async () => {
  const home = await madeHome();
  const program = startProgram({ home, mode: "idle" });
  await program.next("ready");
  expect(await program.ended).toBe(0);
  expect(await serverPid(home)).toBeGreaterThan(0);
});
