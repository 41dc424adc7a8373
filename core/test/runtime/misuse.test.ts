import { describe, expect, it } from "vitest";
import { currentRun, streamedStep } from "../../src/adapter/index.ts";
import {
  type CodecExtension,
  type DurableOptions,
  type StepOptions,
  sleep,
  step,
  waitForApproval,
  waitForSignal,
} from "../../src/index.ts";
import { realTime } from "../../src/journal/index.ts";
import { KeepAlive } from "../../src/runtime/keep-alive.ts";
import { open } from "../../src/runtime/opened.ts";
import { RunHandle } from "../../src/runtime/run-handle.ts";
import { openMemoryStore } from "../../src/store/index.ts";
import { processes } from "./processes.ts";

const { start, database } = processes();
const options = { durable: { runId: "r" } };
const invalid = { code: "OPTION_INVALID" };
const tick = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function untilItWaits(): Promise<void> {
  const handle = start().handle("r");
  const status = () => handle.status().catch(() => undefined);
  await expect.poll(async () => (await status())?.status).toBe("waiting");
}

describe("what could not be meant is refused before anything happens", () => {
  const wrong: Record<string, unknown>[] = [
    { runId: "" },
    { runId: null },
    { runId: 42 },
    { runID: "r" },
    { until: "ever" },
    { name: 5 },
    { policies: "none" },
  ];
  for (const durable of wrong) {
    it(`durable: ${JSON.stringify(durable)}`, async () => {
      const run = start().run(async (_: null) => 1, null, { durable: durable as DurableOptions });
      await expect(run).rejects.toMatchObject(invalid);
    });
  }

  const policies: StepOptions[] = [
    { timeout: "10" as never },
    { retries: { times: 1, delay: Number.NaN } },
    { retries: { times: 1, maxDelay: -1 } },
  ];
  for (const policy of policies) {
    it(`step with ${JSON.stringify(policy)}`, async () => {
      let ran = false;
      const app = async (_: null) => step("a", async () => (ran = true), policy);
      await expect(start().run(app, null)).rejects.toMatchObject(invalid);
      expect(ran).toBe(false);
    });
  }

  it("a step whose name the database would refuse", async () => {
    let ran = false;
    const app = async (_: null) => step("a\0b", async () => tick(40).then(() => (ran = true)));
    await expect(start().run(app, null)).rejects.toMatchObject(invalid);
    expect(ran).toBe(false);
  });

  it("a wait until no time at all, or of no name", async () => {
    const waits: (() => Promise<unknown>)[] = [
      () => sleep(Number.POSITIVE_INFINITY),
      () => sleep(1e300),
      () => sleep("5" as never),
      () => waitForApproval("x", { expires: Number.NaN }),
      () => waitForApproval("x", { expires: "5m" as never }),
      () => waitForSignal("x", { timeout: 1e300 }),
      () => waitForApproval("a\0b"),
    ];
    for (const wait of waits) {
      await expect(start().run(async (_: null) => wait(), null)).rejects.toMatchObject(invalid);
    }
  });

  it("a settlement that is none", async () => {
    const settling = start()
      .handle("r")
      .settle(1, "done" as never);
    await expect(settling).rejects.toMatchObject(invalid);
  });
});

it("a body that came to its end is not tried again because its result cannot be stored", async () => {
  let bodies = 0;
  const app = async (_: null) =>
    step(
      "pay",
      async () => {
        bodies += 1;
        const result: { self?: unknown } = {};
        result.self = result;
        return result;
      },
      { retries: 3 },
    );
  await expect(start().run(app, null)).rejects.toMatchObject({ code: "VALUE_NOT_ENCODABLE" });
  expect(bodies).toBe(1);
});

it("what was thrown can be anything, and what will be another error after a restart is told", async () => {
  class Declined extends Error {}
  const told: string[] = [];
  const warn = (message: string) => told.push(message);
  const logger = { debug() {}, info() {}, warn, error() {} };
  const odd: { self?: unknown } = Object.create(null);
  odd.self = odd;
  const thrown: unknown[] = [new Declined("no"), odd];
  for (const error of thrown) {
    const app = async (_: null) =>
      step("pay", () => Promise.reject(error)).catch((same) => same === error);
    expect(await start({ logger }).run(app, null)).toBe(true);
  }
  expect(told).toHaveLength(2);
  for (const text of told) expect(text).toContain('The error of step 3 "pay" will not be the same');
});

it("pieces of a try that ran out of time do not come among those of the next", async () => {
  const { promise: isNext, resolve: next } = Promise.withResolvers<void>();
  let tries = 0;
  const app = async (_: null) => {
    const all: string[] = [];
    const pieces = streamedStep<string>(currentRun("model"), {
      kind: "model",
      name: "words",
      input: [],
      policy: { timeout: 100, retries: { times: 1, delay: 1 } },
      async *stream() {
        tries += 1;
        if (tries === 1) {
          yield "late 1";
          await isNext;
          yield "late 2";
          return;
        }
        yield "next 1";
        next();
        for (let turn = 0; turn < 3; turn += 1) await realTime.turn();
        yield "next 2";
      },
    });
    for await (const piece of pieces) all.push(piece);
    return all;
  };
  expect(await start().run(app, null)).toEqual(["next 1", "next 2"]);
});

it("a decision is there for its asker, however late that is when the run is taken up", async () => {
  let slow = 0;
  const app = async (_: null) =>
    Promise.all([
      tick(slow).then(() => waitForApproval("refund", { show: 42 })),
      waitForSignal<string>("go"),
    ]);
  const running = start({ hotPeriod: 20 }).run(app, null, options);
  const handle = start().handle("r");
  await untilItWaits();
  slow = 200;
  await handle.approve(undefined, { by: "ana" });
  await tick(400);
  slow = 0;
  await handle.signal("go", "went");
  expect(await running).toMatchObject([{ approved: true, by: "ana" }, "went"]);
});

it("a person can decide where the class of what is shown is not known", async () => {
  class Money {}
  const money: CodecExtension<Money> = {
    tag: "acme/money",
    is: (value): value is Money => value instanceof Money,
    encode: () => 1,
    decode: () => new Money(),
  };
  const app = async (_: null) => (await waitForApproval("pay", { show: new Money() })).approved;
  const running = start({ codec: [money] }).run(app, null, options);
  await untilItWaits();
  await start().handle("r").approve();
  expect(await running).toBe(true);
});

it("scopes are told apart, whatever the names of apps hold", async () => {
  const named = (name: string) =>
    Object.defineProperty(async (_: null) => step("s", async () => name), "name", { value: name });
  const runtime = start();
  const app = async (_: null) => {
    for (const part of [named("x"), named("x"), named("x#2"), named("x~2")]) {
      await runtime.run(part, null);
    }
  };
  await runtime.run(app, null, options);
  const scopes = (await runtime.handle("r").steps()).map(({ scope }) => scope);
  expect(new Set(scopes).size).toBe(4);
});

it("who stops reading events is not told anything any more", async () => {
  const opened = await open({ store: openMemoryStore(database()) }, new AbortController().signal);
  let listening = 0;
  const listen = opened.deltas.listen.bind(opened.deltas);
  opened.deltas.listen = (...to) => {
    const unlisten = listen(...to);
    listening += 1;
    return () => {
      listening -= 1;
      unlisten();
    };
  };
  const { id } = await start().start(async (_: null) => waitForSignal("go"), null);
  const handle = new RunHandle(id, async () => opened, new KeepAlive());
  for await (const _ of handle.events()) {
    expect(listening).toBe(1);
    break;
  }
  expect(listening).toBe(0);
});
