// Parts of an app that no result stands for, and apps whose end is given again by running them once more.
import { expect, test } from "vitest";
import { type Adapter, container, currentRun } from "../../src/adapter/index.ts";
import { step, waitForApproval } from "../../src/index.ts";
import { openMemoryStore } from "../../src/store/index.ts";
import { processes } from "./processes.ts";

const { start, die, database } = processes();
const durable = { runId: "r" };

/** For functions: returns an object of a class that no journal could keep. */
class Report {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    this.lines = lines;
  }
}
const reports: Adapter = {
  name: "reports",
  supported: "*",
  recognises: (app) => typeof app === "function",
  nameOf: () => "report",
  install: () => {},
  replays: true,
  async execute({ app, input }) {
    const lines = await (app as (input: unknown) => Promise<readonly string[]>)(input);
    return { is: "ended", output: new Report(lines), stored: lines };
  },
};
const begin = () => start({ adapters: [reports] });

function journal() {
  return [...database().runs.values()].flatMap(({ entries }) => entries);
}

test("what is over is run again for what it returned: nothing is written, no body runs", async () => {
  let bodies = 0;
  const app = async (_: null) => [await step("a", async () => `a ${++bodies}`), "and more"];
  expect(await begin().run(app, null, { durable })).toEqual(new Report(["a 1", "and more"]));
  const before = [...journal()];
  const again: unknown = await begin().run(app, null, { durable });
  expect(again).toBeInstanceOf(Report);
  expect(again).toEqual(new Report(["a 1", "and more"]));
  expect(bodies).toBe(1);
  expect(journal()).toEqual(before);
  expect(await begin().handle("r").result()).toEqual(["a 1", "and more"]);
});

test("what failed is thrown again by the app itself, or as it was stored if it fails no more", async () => {
  class Refused extends Error {
    readonly by = new Map([["who", () => "me"]]);
  }
  let isBroken = true;
  const app = async (_: null) => {
    await step("a", async () => "a");
    if (isBroken) throw new Refused("refused");
    return [await step("b", async () => "b")];
  };
  await expect(begin().run(app, null, { durable })).rejects.toThrow("refused");
  await expect(begin().run(app, null, { durable })).rejects.toBeInstanceOf(Refused);
  isBroken = false;
  const stored = await begin()
    .run(app, null, { durable })
    .catch((error: unknown) => error);
  expect(stored).not.toBeInstanceOf(Refused);
  expect(stored).toMatchObject({ message: "refused" });
});

test("code that asks for more than is recorded is told so, and does none of it", async () => {
  const bodies: string[] = [];
  const body = (name: string) => async () => {
    bodies.push(name);
    return name;
  };
  await begin().run(async (_: null) => [await step("a", body("a"))], null, { durable });
  const changed = async (_: null) => [await step("a", body("a")), await step("b", body("b"))];
  await expect(begin().run(changed, null, { durable })).rejects.toMatchObject({
    code: "RUN_DIVERGED",
  });
  expect(bodies).toEqual(["a"]);
});

test("what lost a race the first time loses it again", async () => {
  const app = async (_: null) => {
    const slow = step("slow", () => new Promise<string>(() => {}));
    const asked = waitForApproval("never").then(() => "asked");
    return [await Promise.race([slow, asked, step("quick", async () => "quick")])];
  };
  expect(await begin().run(app, null, { durable })).toEqual(new Report(["quick"]));
  expect(await begin().run(app, null, { durable })).toEqual(new Report(["quick"]));
});

test("a container runs in every execution, over what is recorded inside, told from its like by its identity", async () => {
  const effects: string[] = [];
  const inside = (name: string) => (part: string) =>
    step(part, async () => {
      effects.push(`${name} ${part}`);
      return `${name} ${part}`;
    });
  const part = (name: string) =>
    container(currentRun("test"), {
      kind: "node",
      name: "part",
      identity: name,
      body: async () => [await inside(name)("one"), await inside(name)("two")].join(),
    });
  let order = ["x", "y"];
  let isDying = true;
  const app = async (_: null) => {
    const parts = await Promise.all(order.map(part));
    if (isDying) {
      await step("dies", () => {
        died();
        return new Promise<never>(() => {});
      });
    }
    return parts.sort();
  };
  const { promise: reached, resolve: died } = Promise.withResolvers<void>();
  begin()
    .run(app, null, { durable })
    .catch(() => {}); // It is dead when its runtime is closed.
  await reached;
  die();
  order = ["y", "x"];
  isDying = false;
  expect(await begin().run(app, null, { durable })).toEqual(
    new Report(["x one,x two", "y one,y two"]),
  );
  expect(effects.sort()).toEqual(["x one", "x two", "y one", "y two"]);
});

test("what a container throws is thrown", async () => {
  const app = async (_: null) =>
    container(currentRun("test"), {
      kind: "node",
      name: "part",
      identity: 1,
      body: () => Promise.reject(new RangeError("no")),
    });
  await expect(begin().run(app, null)).rejects.toThrow(RangeError);
});

test("a store names texts as its writers do", async () => {
  const store = openMemoryStore(database());
  await begin().run(async (_: null) => [], null, { durable });
  const { run } = [...database().runs.values()][0]!;
  const writer = await store.takeOver(run.runId);
  expect((await store.fingerprints(run.spaceId))("text")).toBe(writer.fingerprint("text"));
});
