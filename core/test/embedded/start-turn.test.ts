import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Layout, layoutBelow } from "../../src/embedded/layout.ts";
import { patience } from "../../src/embedded/patience.ts";
import { takeStartTurn } from "../../src/embedded/start-turn.ts";
import { scratchDirectory } from "./support/scratch.ts";

const take = (layout: Layout, ms = 60_000) => takeStartTurn(layout, patience(ms, true));

async function cluster(): Promise<Layout> {
  const dir = await scratchDirectory();
  return layoutBelow(dir, dir);
}

/** A number that no process has any more. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid!;
}

test("of many who ask at once, again and again, one at a time has the turn", async () => {
  const layout = await cluster();
  let [holders, taken] = [0, 0];
  const asker = async () => {
    for (let tries = 0; tries < 150; tries += 1) {
      const turn = await take(layout);
      if (turn === undefined) continue;
      holders += 1;
      taken += 1;
      expect(holders).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      expect(holders).toBe(1);
      expect(turn.announce()).toBe(true);
      holders -= 1;
      await turn.end();
    }
  };
  await Promise.all(Array.from({ length: 12 }, asker));
  expect(taken).toBeGreaterThan(10);
  expect(await readdir(layout.cluster)).toEqual([`starting.${taken}`]);
});

test("the turn of a process that died is over when a server it may have launched has shown itself", async () => {
  const layout = await cluster();
  const file = join(layout.cluster, "starting.7");
  await writeFile(file, `${await deadPid()} ${Date.now() + 60_000}`);
  expect(await take(layout)).toBeUndefined();
  await utimes(file, new Date(), new Date(Date.now() - 3_000));
  expect(await take(layout)).toBeDefined();
});

test("so is one of a time that is still to come, since the clock was set back", async () => {
  const layout = await cluster();
  const file = join(layout.cluster, "starting.7");
  await writeFile(file, `${await deadPid()} ${Date.now() + 7_200_000}`);
  await utimes(file, new Date(), new Date(Date.now() + 3_600_000));
  expect(await take(layout)).toBeDefined();
});

test("so is one of a process that had the number of this one, as in a container that was restarted", async () => {
  const layout = await cluster();
  const file = join(layout.cluster, "starting.7");
  await writeFile(file, `${process.pid} ${Date.now() + 60_000}`);
  expect(await take(layout)).toBeUndefined();
  const began = Date.now() - process.uptime() * 1000;
  await utimes(file, new Date(), new Date(began - 5_000));
  expect(await take(layout)).toBeDefined();
});

test("nothing is begun in a turn after its time, and it counts a little longer", async () => {
  const layout = await cluster();
  const slow = await take(layout, 50);
  expect(slow?.announce()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(slow?.announce()).toBe(false);
  expect(await take(layout)).toBeUndefined();
  const file = join(layout.cluster, "starting.1");
  const until = Number((await readFile(file, "utf8")).split(" ")[1]);
  expect(until - Date.now()).toBeGreaterThan(1_000);
  await writeFile(file, `${process.pid} ${Date.now() - 1}`);
  const next = await take(layout);
  expect(next?.announce()).toBe(true);
  expect(slow?.announce()).toBe(false);
  await slow?.end();
  expect(await take(layout)).toBeUndefined();
});

test("a turn in which a server was launched that has not shown itself is not ended", async () => {
  const layout = await cluster();
  const turn = await take(layout);
  turn?.lapse();
  await turn?.end();
  expect(await take(layout)).toBeUndefined();
});

test("what a process left that died is cleared away, and a later turn is not", async () => {
  const layout = await cluster();
  const [draft, later] = ["starting.1.4711-abcdef01", "starting.9"];
  await writeFile(join(layout.cluster, draft), "4711 0");
  let looks = 0;
  const slow: Layout = {
    ...layout,
    get cluster() {
      looks += 1;
      // It has the turn, and then stood still until another one began.
      if (looks === 4) writeFileSync(join(layout.cluster, later), "");
      return layout.cluster;
    },
  };
  expect(await take(slow)).toBeDefined();
  expect(await readdir(layout.cluster)).toEqual(["starting.1", later]);
});

test("who comes so late that the number it looked for was taken, given back and removed has no turn", async () => {
  const layout = await cluster();
  let looks = 0;
  const held = `${process.pid} ${Date.now() + 60_000}`;
  const late: Layout = {
    ...layout,
    get cluster() {
      looks += 1;
      // It has seen nothing; meanwhile the first turn is over and the second has begun.
      if (looks === 2) writeFileSync(join(layout.cluster, "starting.2"), held);
      return layout.cluster;
    },
  };
  expect(await take(late)).toBeUndefined();
  expect(looks).toBeGreaterThan(2);
  expect(await readdir(layout.cluster)).toEqual(["starting.2"]);
});
