import { expect, it } from "vitest";
import { sleep, step } from "../../src/index.ts";
import { idOfKey, type MemoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { collect } from "../support/runs.ts";
import { processes } from "./processes.ts";

const { start, database } = processes();
const options = { durable: { runId: "r" } };
const runId = idOfKey("run", "default", "r");

/** Takes back what was set last, as if the process had died before it was durable. */
function forgetStatus({ runs }: MemoryDatabase): void {
  const rows = runs.get(runId)!;
  rows.run = { ...rows.run, status: "running" };
}

const entries = async () =>
  (await collect(openMemoryStore(database()).journal(runId))).map(({ entry }) => entry);

it("a run whose journal says that it completed is not run again, whatever its status", async () => {
  const first = await start().run(async (_: null) => Math.random(), null, options);
  forgetStatus(database());
  expect(await start().run(async (_: null) => Math.random(), null, options)).toBe(first);
  expect(await entries()).toEqual(["input", "attempt", "run completed"]);
  expect(await start().handle("r").status()).toMatchObject({ status: "completed" });
});

it("a run whose journal says that it failed has failed, until it is tried again", async () => {
  let broken = true;
  const app = async (_: null) => {
    if (broken) throw new Error("It is broken.");
    return "mended";
  };
  await expect(start().run(app, null, options)).rejects.toThrow("It is broken.");
  forgetStatus(database());
  broken = false;
  await expect(start().run(app, null, options)).rejects.toThrow("It is broken.");
  await start().handle("r").retry();
  expect(await start().run(app, null, options)).toBe("mended");
});

it("a wait that fell due while the run was left is over when the run is taken up", async () => {
  const app = async (_: null) => {
    await sleep(20);
    return step("after", async () => "slept");
  };
  expect(await start({ hotPeriod: 0 }).run(app, null, options)).toBe("slept");
  const attempts = (await entries()).filter((entry) => entry === "attempt");
  expect(attempts.length).toBeLessThan(5);
});

it("of two who have a failed run tried again, one does, and the other is told", async () => {
  let tries = 0;
  const app = async (_: null) =>
    step("once more", async () => {
      tries += 1;
      if (tries === 1) throw new Error("It is broken.");
    });
  await expect(start().run(app, null, options)).rejects.toThrow("It is broken.");
  const retries = await Promise.allSettled([
    start().handle("r").retry(),
    start().handle("r").retry(),
  ]);
  expect(retries.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  await start().run(app, null, options);
  expect(tries).toBe(2);
  expect((await entries()).filter((entry) => entry === "superseded").length).toBe(1);
});

it("a step that nobody waits for adds nothing to the journal of a run that has ended", async () => {
  const app = async (_: null) => {
    // Long enough to be announced in the journal, had the run not ended.
    void step("left", () => new Promise((resolve) => setTimeout(resolve, 40)));
    return step("quick", async () => "quick");
  };
  expect(await start().run(app, null, options)).toBe("quick");
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect((await entries()).at(-1)).toBe("run completed");
});
