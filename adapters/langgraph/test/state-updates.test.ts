// The state of a run read and updated from other processes, over the store in memory and a real Postgres:
// what the app alone does with a checkpointer of its own is what a run does.
import { type HoldfastError, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore, type Store } from "@holdfast/core/store";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Command, MemorySaver, START, StateGraph, type StateSnapshot } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { plain } from "./scenarios/plain.ts";
import { asking, counting, Lines, looks, type State, updated } from "./updated.ts";

const postgres = testDatabase();
const databases: readonly [name: string, () => () => Store | Promise<Store>][] = [
  [
    "the store in memory",
    () => {
      const database = memoryDatabase();
      return () => openMemoryStore(database);
    },
  ],
  ["the store on Postgres", () => () => postgres.open()],
];

type App = ReturnType<typeof asking>;

const durable = { runId: "r" };
const thread = { configurable: { thread_id: "t" } };

describe.each(databases)("over %s", (_, connect) => {
  let open: () => Store | Promise<Store>;
  let namespace: string;
  let runtimes: Runtime[];
  beforeEach(() => {
    open = connect();
    namespace = crypto.randomUUID();
    runtimes = [];
  });
  afterEach(() => Promise.all(runtimes.map((runtime) => runtime.close({ grace: 0 }))));

  /** A runtime of its own on the same database: what another process is. */
  async function process(): Promise<Runtime> {
    const runtime = new Runtime({ store: await open(), hotPeriod: 0, namespace });
    runtimes.push(runtime);
    return runtime;
  }
  const configOf = async (app: { readonly lg_is_pregel: boolean }, runId = "r") =>
    (await process()).config(app as App, runId);
  const resumed = async (
    app: App,
    input: Parameters<App["invoke"]>[0] = new Command({ resume: "yes" }),
  ) => plain(await (await process()).run(app, input, { ...thread, durable }));

  describe("what is updated while a run waits for an answer", () => {
    const updates: readonly [name: string, values: Partial<State>, asNode?: string][] = [
      ["after what it did last", { lines: ["by hand"] }],
      ["as the node that asks", { lines: ["answered by hand"] }, "ask"],
      ["as a node before", { lines: ["looked again"] }, "look"],
      ["as the last node", { lines: ["all by hand"] }, "act"],
    ];
    test.each(updates)("%s, is what it goes on with when it is answered", async (_, ...update) => {
      const bare = asking(new MemorySaver());
      await bare.invoke({}, thread);
      await bare.updateState(thread, ...update);
      const state = plain((await bare.getState(thread)).values);
      const expected = plain(await bare.invoke(new Command({ resume: "yes" }), thread));

      const app = asking(new MemorySaver());
      await (await process()).run(app, {}, { ...thread, durable });
      await app.updateState(await configOf(app), ...update);
      const { values, next } = await app.getState(await configOf(app));
      expect(plain(values)).toEqual(state);
      const handle = (await process()).handle("r");
      expect((await handle.status()).status).toBe("waiting");
      expect(await resumed(app)).toEqual(expected);
      expect((await handle.status()).status).toBe("completed");
      expect(next.length).toBe(update[1] === "act" ? 0 : 1);
    });

    test("past its question, it goes on without an answer, in LangGraph's own way", async () => {
      const bare = asking(new MemorySaver());
      await bare.invoke({}, thread);
      await bare.updateState(thread, { lines: ["answered by hand"] }, "ask");
      const expected = plain(await bare.invoke(null, thread));

      const app = asking(new MemorySaver());
      await (await process()).run(app, {}, { ...thread, durable });
      await app.updateState(await configOf(app), { lines: ["answered by hand"] }, "ask");
      expect(await resumed(app, null)).toEqual(expected);
    });

    test("is there for who answers by the handle, of an app that keeps nothing itself", async () => {
      const app = asking();
      await (await process()).run(app, {}, { durable });
      await app.updateState(await configOf(app), { lines: ["by hand"] });
      await (await process()).handle("r").respond(undefined, "yes");
      const { lines } = await (await process()).run(app, {}, { durable });
      expect(lines).toEqual(["looked", "by hand", "go on? yes", "acted after go on? yes"]);
    });

    test("is one question still, asked anew only if it is another one by then", async () => {
      const app = asking();
      const process1 = await process();
      await process1.run(app, {}, { durable });
      const handle = (await process()).handle("r");
      const [first] = await handle.waits();

      await app.updateState(await configOf(app), { lines: ["by hand"] });
      await process1.run(app, {}, { durable });
      expect(await handle.waits()).toEqual([first]);

      await app.updateState(await configOf(app), { question: "really?" });
      await handle.respond(first!.id, "yes, go on");
      const asked = plain(await process1.run(app, {}, { durable }));
      expect(asked).toMatchObject({ __interrupt__: ["really?"] });
      const waits = await handle.waits();
      expect(waits.map((wait) => wait.asked)).toEqual(["really?"]);
      await handle.respond(undefined, "yes, really");
      const { lines } = await process1.run(app, {}, { durable });
      expect(lines).toContain("really? yes, really");
    });

    test("a question that is not asked any more is shown to nobody", async () => {
      const app = asking();
      await (await process()).run(app, {}, { durable });
      const second = { lines: ["skipped"], question: "another", again: true };
      await app.updateState(await configOf(app), second, "ask");
      await (await process()).run(app, {}, { durable });
      const waits = await (await process()).handle("r").waits();
      expect(waits.map(({ name, asked }) => [name, asked])).toEqual([["second", "another"]]);
    });
  });

  test("what is updated of a run that is over is what the next one of its thread begins with", async () => {
    const bare = counting(new MemorySaver());
    const app = counting(new MemorySaver());
    for (const invoke of [
      () => bare.invoke({ lines: ["one"] }, thread),
      async () => (await process()).run(app, { lines: ["one"] }, { ...thread, durable }),
    ]) {
      await invoke();
    }
    await bare.updateState(thread, { lines: ["by hand"] });
    await app.updateState(await configOf(app), { lines: ["by hand"] });
    expect((await (await process()).handle("r").status()).status).toBe("completed");
    const expected = await bare.invoke({ lines: ["two"] }, thread);
    const runId = "r 2";
    const next = { ...thread, durable: { runId } };
    expect(await (await process()).run(app, { lines: ["two"] }, next)).toEqual(expected);

    // By whichever run's config: the state is the thread's.
    await bare.updateState(thread, { lines: ["once more"] });
    await app.updateState(await configOf(app), { lines: ["once more"] });
    const { values } = await app.getState(await configOf(app, runId));
    expect(values).toEqual((await bare.getState(thread)).values);
  });

  test("what is updated of a run that failed is what it goes on with when it is tried again", async () => {
    const app = new StateGraph(Lines)
      .addNode("look", looks)
      .addNode("act", async ({ lines }) => {
        if (!lines.includes("mended")) throw new Error("broken");
        return { lines: ["acted"] };
      })
      .addEdge(START, "look")
      .addEdge("look", "act")
      .compile();
    const process1 = await process();
    await expect(process1.run(app, {}, { durable })).rejects.toThrow("broken");
    await app.updateState(await configOf(app), { lines: ["mended"] });
    await process1.handle("r").retry();
    const { lines } = await (await process()).run(app, {}, { durable });
    expect(lines).toEqual(["looked", "mended", "acted"]);
  });

  test("what is put there before a run has begun is what its input is added to", async () => {
    const app = counting();
    const process1 = await process();
    const { id } = await process1.start("counting", { lines: ["input"] }, { durable });
    const named = { durable: { name: "counting" } };
    const config = await process1.config(app, id, named);
    await app.updateState(config, { lines: ["by hand"] }, "count");
    const worker = await (await process()).serve({ counting: app });
    const { lines } = (await process1.handle(id).result()) as State;
    expect(lines).toEqual(["by hand", "input", "2"]);
    await worker.drain();
  });

  test("while a worker has a run its state can be read, and not be changed", async () => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const app = new StateGraph(Lines)
      .addNode("look", looks)
      .addNode("act", async () => {
        reach();
        await released;
        return { lines: ["acted"] };
      })
      .addEdge(START, "look")
      .addEdge("look", "act")
      .compile();
    const process1 = await process();
    const running = process1.run(app, {}, { durable });
    await reached;
    for (const runtime of [process1, await process()]) {
      const config = await runtime.config(app, "r");
      const { values, next } = await app.getState(config);
      expect([values.lines, next]).toEqual([["looked"], ["act"]]);
      const update = app.updateState(config, { lines: ["by hand"] });
      await expect(update).rejects.toMatchObject({ code: "RUN_BUSY" });
    }
    release();
    expect((await running).lines).toEqual(["looked", "acted"]);
    const config = await configOf(app);
    await app.updateState(config, { lines: ["afterwards"] });
    expect((await app.getState(config)).values.lines).toEqual(["looked", "acted", "afterwards"]);
  });

  test("an update and a worker at the same time are one after the other, or the update is refused", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { promise: tried, resolve: leave } = Promise.withResolvers<void>();
      let isInside = false;
      let hasLeft = false;
      const app = asking(new MemorySaver(), async () => {
        isInside = true;
        await tried;
      });
      const runId = `race ${round}`;
      const options = { configurable: { thread_id: runId }, durable: { runId } };
      const [process1, process2, process3] = [await process(), await process(), await process()];
      await process1.run(app, {}, options);
      await process1.handle(runId).respond(undefined, "yes");

      let isOver = false;
      let refused = 0;
      const acknowledged: string[] = [];
      /** Again and again, until the run is over, and once more. */
      const update = async (runtime: Runtime, who: string) => {
        const config = await runtime.config(app, runId);
        for (let isLast = false, nth = 0; !isLast; nth += 1) {
          isLast = isOver;
          const wasInside = isInside;
          const line = `${who} ${nth}`;
          const accepted = await app.updateState(config, { lines: [line] }, "act").then(
            () => acknowledged.push(line) > 0,
            (error: unknown) => {
              expect(["RUN_BUSY", "OPTION_INVALID"]).toContain((error as HoldfastError).code);
              return false;
            },
          );
          if (!accepted) refused += 1;
          // As long as its node has not been let go on, the worker has the run.
          if (wasInside && !hasLeft) expect(accepted).toBe(false);
          if (!wasInside) continue;
          hasLeft = true;
          leave();
        }
      };
      const run = process1.run(app, {}, options).finally(() => {
        isOver = true;
      });
      await Promise.all([run, update(process2, "ana"), update(process3, "ben")]);

      // Each checkpoint follows the one before it, and nothing that was acknowledged is missing.
      const states: StateSnapshot[] = [];
      for await (const state of app.getStateHistory(await process1.config(app, runId))) {
        states.push(state);
      }
      const ids = states.map(({ config }) => idOf(config));
      expect(states.map(({ parentConfig }) => idOf(parentConfig))).toEqual([
        ...ids.slice(1),
        undefined,
      ]);
      const { lines } = states[0]!.values as State;
      const kept = lines.filter((line) => /^(ana|ben) /.test(line));
      expect(kept.toSorted()).toEqual(acknowledged.toSorted());
      expect(lines.slice(0, (await run).lines.length)).toEqual((await run).lines);
      expect(refused).toBeGreaterThan(0);
      expect(acknowledged.length).toBeGreaterThan(0);
    }
  });
});

test("whoever updates the state is killed anywhere, and can do it again: it is done once, and the run goes on", async () => {
  const report = await everyPoint(updated, { database: inMemory });
  expect(report.failures).toEqual([]);
});

function idOf(config: RunnableConfig | undefined): string | undefined {
  return config?.configurable?.checkpoint_id as string | undefined;
}
