import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readdir, utimes, writeFile } from "node:fs/promises";
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

test("a turn is over with the patience of who has it, who then launches nothing", async () => {
  const layout = await cluster();
  const slow = await take(layout, 50);
  expect(await take(layout)).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 60));
  const next = await take(layout);
  expect(next?.announce()).toBe(true);
  expect(slow?.announce()).toBe(false);
  await slow?.end();
  expect(await take(layout)).toBeUndefined();
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
