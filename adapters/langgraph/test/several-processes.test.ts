// One run that several processes run, and answer, at once: one of them does it, and if it is killed, another
// one goes on. All that live come to the same.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Runtime } from "@holdfast/core";
import { idOfKey, newId } from "@holdfast/core/store";
import { expect, onTestFinished, test } from "vitest";
import { CHILD_ORDER, type ChildOrder } from "../../../conformance/src/crash/child.ts";
import { parseEffects } from "../../../conformance/src/crash/effects-file.ts";
import {
  effectViolations,
  inMemory,
  journalViolations,
  mortalStore,
  rerunSteps,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { journalOf } from "../../../conformance/src/crash/journal-of.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { byCommand } from "./by-command.ts";
import { undisturbed } from "./killed.ts";
import { KILLED, oneOfSeveral } from "./one-of-several.ts";

const { url, pool, open } = testDatabase();

test("of three processes of one run, one is killed in the middle of it, and the others come to its end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-several-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "effects");
  await writeFile(file, "");
  const runId = idOfKey("run", "default", newId());
  const order = { scenario: oneOfSeveral.name, runId, effects: file, paceMs: 1 };
  const orders = [1, 2, 3].map((nth) => ({ ...order, nth }));
  const came = await Promise.all(orders.map((one) => outputOf(startChild(one))));
  const bare = await undisturbed(byCommand);
  const outputs = came.filter((one) => one !== "killed");
  expect(outputs).toEqual([{ output: bare.output }, { output: bare.output }]);
  const effects = parseEffects(await readFile(file, "utf8")).filter(({ key }) => key !== KILLED);
  expect(effects.map(({ key }) => key)).toEqual(bare.effects);
  const journal = await journalOf(await open(), runId);
  expect(effectViolations(effects, journal)).toEqual([]);
  expect(rerunSteps(journal)).toEqual([]);
  expect(journalViolations(journal)).toEqual([]);
});

function startChild(order: ChildOrder): ChildProcess {
  const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, HOLDFAST_DATABASE_URL: url, [CHILD_ORDER]: JSON.stringify(order) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function outputOf(child: ChildProcess): Promise<unknown> {
  const [said, [code, signal]] = await Promise.all([text(child.stdout!), once(child, "close")]);
  if (signal === "SIGKILL") {
    // As time would, in ten seconds.
    const expire = "update holdfast.workers set expires_at = now() where pid = $1";
    await pool.query(expire, [child.pid]);
    return "killed";
  }
  expect(code).toBe(0);
  return JSON.parse(said.split("\n")[1]!) as unknown;
}

test("of two processes of one run, one is killed at any write, and the other comes to its end", async () => {
  const { writes } = await survive(byCommand, { database: inMemory() });
  const bare = await undisturbed(byCommand);
  const all = Array.from({ length: writes }, (_, nth) => besideOneThatDies(nth + 1));
  for (const { output, effects, rerun } of await Promise.all(all)) {
    expect(output).toEqual(bare.output);
    expect(new Set(effects)).toEqual(new Set(bare.effects));
    expect(effects.length).toBeLessThanOrEqual(bare.effects.length + 1);
    expect(rerun).toEqual([]);
  }
});

async function besideOneThatDies(write: number) {
  const runId = idOfKey("run", "default", newId());
  const database = inMemory();
  const store = mortalStore(await database.open(), { dieAt: { write, when: "after" } });
  const effects: string[] = [];
  const happened = (key: string) => effects.includes(key);
  const process = { runId, nth: 1, happened };
  const effect = async (key: string) => void effects.push(key);
  const mortal = new Runtime({ store, hotPeriod: 0 });
  const real = await database.open();
  const runtime = new Runtime({ store: real, hotPeriod: 0 });
  const effectOfMortal = (key: string) =>
    store.life.effect(
      () => void effects.push(key),
      () => {},
    );
  const dying = byCommand.run({ ...process, runtime: mortal, effect: effectOfMortal });
  dying.catch(() => {});
  const living = byCommand.run({ ...process, runtime, effect });
  void store.life.died.then(async () => {
    for (const worker of store.entered) await database.expire(worker);
  });
  const output = await living;
  store.life.die();
  const journal = await journalOf(real, runId);
  await runtime.close({ grace: 0 });
  return { output, effects, rerun: rerunSteps(journal) };
}
