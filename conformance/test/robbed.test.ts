/**
 * Three processes want the same run, and each is declared dead again and again while it lives. What
 * they do outside may happen more than once; the journal and the end are as if there were one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, newId, openMemoryStore } from "@holdfast/core/store";
import { describe, expect, it } from "vitest";
import { functionApps } from "../src/apps/index.ts";
import {
  inMemory,
  journalViolations,
  rerunSteps,
  type Scenario,
  survive,
} from "../src/crash/index.ts";
import { journalOf } from "../src/crash/journal-of.ts";
import { peopleAnswer } from "../src/crash/people.ts";
import { Random } from "../src/fuzz/random.ts";

const ROUNDS = 12;
/** After that they are left in peace, so that what takes long comes to its end. */
const ROBBED_MS = 500;
const UNWANTED = new Set(["drift", "diverged", "reordered", "escaped", "lossy"]);

const seed = Number(process.env.HOLDFAST_ROB_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_ROB_SEED=${seed}`);

async function robbed(scenario: Scenario, random: Random) {
  const database = memoryDatabase();
  const runId = newId();
  const happened = new Set<string>();
  const observer = openMemoryStore(database);
  const people = peopleAnswer({
    scenario,
    store: observer,
    runId,
    happened: async (key) => happened.has(key),
  });
  const runtimes = [0, 3, 10_000].map(
    (hotPeriod) => new Runtime({ hotPeriod, store: openMemoryStore(database) }),
  );
  const until = performance.now() + ROBBED_MS;
  const rob = async (): Promise<void> => {
    while (performance.now() < until) {
      await sleep(random.below(6));
      const workers = [...database.workers.keys()];
      if (workers.length > 0) database.workers.delete(random.pick(workers));
    }
  };
  const live = async (runtime: Runtime, nth: number): Promise<unknown> => {
    await sleep(random.below(20));
    const effect = async (key: string): Promise<void> => {
      happened.add(key);
      await sleep(random.below(12));
    };
    return scenario.run({ runtime, runId, nth, effect, happened: (key) => happened.has(key) });
  };
  const [outputs] = await Promise.all([Promise.all(runtimes.map(live)), rob()]);
  await people.leave();
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  return { outputs, journal: await journalOf(observer, runId) };
}

describe.concurrent("processes that are taken for dead while they live come to one end", () => {
  // One that has its run tried again does so in every process: there is no one end.
  it.for(functionApps.filter(({ name }) => name !== "retried run"))("$name", async (scenario) => {
    const { ending } = await survive(scenario, { database: inMemory() });
    const rounds = Array.from({ length: ROUNDS }, async (_, round) => {
      const { outputs, journal } = await robbed(scenario, new Random(seed + round));
      for (const output of outputs) expect({ is: "returned", output }).toEqual(ending);
      expect(journalViolations(journal)).toEqual([]);
      expect(rerunSteps(journal)).toEqual([]);
      expect(journal.filter(({ entry }) => UNWANTED.has(entry))).toEqual([]);
      return journal.at(-1)!.epoch;
    });
    // They were robbed, some of them.
    expect(Math.max(...(await Promise.all(rounds)))).toBeGreaterThan(1);
  });
});
