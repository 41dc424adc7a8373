import { step } from "@holdfast/core";
import { memoryDatabase, newId, openMemoryStore } from "@holdfast/core/store";
import { expect, it } from "vitest";
import {
  type CrashPoint,
  effectViolations,
  everyPoint,
  inMemory,
  mortalStore,
  rerunSteps,
  type Scenario,
} from "../src/crash/index.ts";

const scenario = (run: Scenario["run"]): Scenario => ({ name: "scenario", run });
const failuresOf = async (run: Scenario["run"]) =>
  (await everyPoint(scenario(run), { database: inMemory })).failures.join("\n");

it("tells of a step that ran again although the journal had its end", async () => {
  const found = await failuresOf(({ runtime, runId, effect }) => {
    // Another name in each execution: its record is never found again.
    const app = (_: null) => step(`step ${Math.random()}`, () => effect("effect"));
    return runtime.run(app, null, { durable: { runId } });
  });
  expect(found).toContain('"effect" happened again, though the journal had the end of its step.');
});

it("tells of an output that a crash changed", async () => {
  const found = await failuresOf(({ runtime, runId, nth, effect }) => {
    const app = async (_: null) => {
      await step("step", () => effect("effect"));
      return nth;
    };
    return runtime.run(app, null, { durable: { runId } });
  });
  expect(found).toContain('It ended with {"is":"returned","output":2}');
});

it("tells of a process that comes to no end, and of what the journal had by then", async () => {
  const run: Scenario["run"] = ({ runtime, runId, nth, effect }) => {
    const app = async (_: null) => {
      await step("step", () => effect("effect"));
      if (nth > 1) await new Promise(() => {});
    };
    return runtime.run(app, null, { durable: { runId } });
  };
  const { failures } = await everyPoint(scenario(run), { database: inMemory, limitMs: 50 });
  expect(failures.join("\n")).toContain("did not end within 50 ms.\n1 epoch 0 input null");
});

it("tells of effects in files: again after the end, for two steps, twice for one beginning", () => {
  const at = new Date();
  const nothing = { kind: undefined, name: undefined, scope: undefined, callId: undefined };
  const rest = { ...nothing, hash: undefined, overlapped: false, input: undefined, at };
  const entry = (seq: number, entry: string, step?: number, value?: string) => ({
    ...rest,
    seq,
    epoch: seq < 4 ? 1 : 2,
    entry,
    step,
    value,
  });
  const journal = [
    entry(1, "attempt", undefined, '{"pid":10}'),
    entry(2, "started"),
    entry(3, "finished", 2),
    entry(4, "attempt", undefined, '{"pid":20}'),
    entry(5, "restarted", 2),
    entry(6, "started"),
  ];
  expect(rerunSteps(journal)).toEqual([2]);
  const [first, again] = [
    { key: "a", step: 2, pid: 10 },
    { key: "a", step: 6, pid: 20 },
  ];
  expect(effectViolations([first], journal)).toEqual([]);
  expect(effectViolations([first, again], journal)).toEqual(['"a" belongs to steps 2, 6.']);
  expect(effectViolations([first, first], journal)).toEqual([
    '"a" happened 2 times for entry 2 of the journal.',
  ]);
});

it.for<[point: CrashPoint, entries: number, heard: readonly string[]]>([
  // The first was on its way: durable, and nobody hears of it.
  [{ write: 4, when: "before" }, 1, []],
  [{ write: 4, when: "after" }, 2, ["one"]],
])("killed at %o, it has written what came before, and nothing after", async (where) => {
  const [dieAt, entries, heard] = where;
  const database = memoryDatabase();
  const real = openMemoryStore(database);
  const store = mortalStore(real, { dieAt });
  const runId = newId();
  await store.createRun({ runId, namespace: "test", app: "app" });
  const writer = await store.takeOver(runId);
  const answers: string[] = [];
  for (const entry of ["one", "two", "three"]) {
    void writer.append({ entry }).durable.then(() => answers.push(entry));
  }
  await store.life.died;
  await store.life.settled();
  void store.run(runId).then(() => answers.push("read"));
  void store.close().then(() => answers.push("closed"));
  const told = { buried() {}, noticed() {} };
  void store.enter({ id: newId(), host: "here", pid: 1, leaseMs: 1 }, told);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(answers).toEqual(heard);
  expect(database.runs.get(runId)?.entries.length).toBe(entries);
  expect(database.workers.size).toBe(0);
  await real.close();
});
