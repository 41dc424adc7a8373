// Apps of which something is given up on their way, once, in whichever process: by a time limit, an abort,
// a drain, a limit of steps, a neighbour that fails. A run that failed of it is tried again.
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type BaseCheckpointSaver,
  END,
  MemorySaver,
  RunControl,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type {
  CrashProcess,
  Scenario as CrashScenario,
} from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import { listening, Slow } from "./slow.ts";

type World = Pick<CrashProcess, "effect" | "happened">;
type State = typeof Lines.State;

interface Kept {
  readonly checkpointer?: BaseCheckpointSaver;
}

export interface GivenUp {
  readonly name: string;
  /** What it is that a call of it fails of. */
  readonly failure: RegExp;
  build(world: World, kept?: Kept): Built;
}

interface Built {
  readonly app: DurableApp;
  /** Of each call. */
  options?(): object;
}

/** Does this until it has been done once, and the rest of the times the other. */
async function once<T>(
  { effect, happened }: World,
  key: string,
  first: () => Promise<T>,
  then: () => Promise<T>,
): Promise<T> {
  if (happened(key)) return then();
  await effect(key);
  return first();
}

const aborted: GivenUp = {
  name: "aborted by its user",
  failure: /abort/i,
  build(world, kept = {}) {
    let user = new AbortController();
    const abort = (signal: AbortSignal | undefined) => {
      const stopped = listening(signal);
      user.abort();
      return stopped;
    };
    const answer = async () => {
      await world.effect("answer");
      return "answer";
    };
    const model = new Slow((signal) => once(world, "abort", () => abort(signal), answer));
    const node = async (_state: State, config: RunnableConfig) => {
      const found = await fakeTool(world.effect, "look").invoke({ q: "a" });
      return { lines: [found, (await model.invoke("b", config)).text] };
    };
    const graph = new StateGraph(Lines).addNode("node", node);
    const app = graph.addEdge(START, "node").addEdge("node", END).compile(kept);
    const options = () => {
      user = new AbortController();
      return { signal: user.signal };
    };
    return { app, options };
  },
};

const limited: GivenUp = {
  name: "at its recursion limit",
  failure: /^GraphRecursionError/,
  build({ effect }, kept = {}) {
    const search = fakeTool(effect, "search");
    const turn = async ({ number }: State) => ({
      number: number + 1,
      lines: [await search.invoke({ q: `${number}` })],
    });
    const app = new StateGraph(Lines)
      .addNode("turn", turn)
      .addEdge(START, "turn")
      .addConditionalEdges("turn", ({ number }) => (number < 5 ? "turn" : END))
      .compile(kept);
    return { app, options: () => ({ recursionLimit: 3 }) };
  },
};

const stopped = (by: "step timeout" | "drain"): GivenUp => ({
  name: `stopped by a ${by}`,
  failure: by === "drain" ? /^GraphDrained/ : /timed? ?out|abort/i,
  build(world, kept = {}) {
    let control = new RunControl();
    const look = fakeTool(world.effect, "look");
    const nothing = async () => {};
    const drain = async () => control.requestDrain("to make room");
    const first = async () => {
      if (by === "drain") await once(world, "drain", drain, nothing);
      return { lines: [await look.invoke({ q: "a" })] };
    };
    const second = async (_state: State, config: RunnableConfig) => {
      const found = await look.invoke({ q: "b" });
      const hang = async () => void (await new Slow(listening).invoke("hang", config));
      if (by === "step timeout") await once(world, "hang", hang, nothing);
      return { lines: [found] };
    };
    const app = new StateGraph(Lines)
      .addNode("first", first)
      .addNode("second", second)
      .addEdge(START, "first")
      .addEdge("first", "second")
      .addEdge("second", END)
      .compile(kept);
    if (by === "step timeout") app.stepTimeout = 500;
    const options = () => {
      control = new RunControl();
      return { control };
    };
    return { app, options };
  },
});

const besideAFailure: GivenUp = {
  name: "beside a node that fails",
  failure: /the line is dead/,
  build(world, kept = {}) {
    const { effect, happened } = world;
    const asking = Promise.withResolvers<void>();
    const beside = new Slow(async (signal) => {
      await effect(happened("failure") ? "beside" : "beside, given up");
      asking.resolve();
      return happened("failure") ? "beside" : listening(signal);
    });
    const search = fakeTool(async (name) => {
      const fail = () => Promise.reject(new Error("the line is dead"));
      if (!happened("failure")) await asking.promise;
      await once(world, "failure", fail, () => effect(name));
    }, "search");
    const app = new StateGraph(Lines)
      .addNode("before", async () => ({
        lines: [await fakeTool(effect, "look").invoke({ q: "a" })],
      }))
      .addNode("failing", async () => ({ lines: [await search.invoke({ q: "b" })] }))
      .addNode("beside", async () => ({ lines: [(await beside.invoke("c")).text] }))
      .addEdge(START, "before")
      .addEdge("before", "failing")
      .addEdge("before", "beside")
      .addEdge("failing", END)
      .addEdge("beside", END)
      .compile(kept);
    return { app };
  },
};

export const givenUp: readonly GivenUp[] = [
  aborted,
  limited,
  stopped("step timeout"),
  stopped("drain"),
  besideAFailure,
];

/** With LangGraph alone, called again as long as it fails. */
export async function observeGivenUp({ build, failure }: GivenUp): Promise<{
  readonly output: unknown;
  readonly effects: readonly string[];
}> {
  const effects = new Set<string>();
  const happened = (key: string) => effects.has(key);
  const effect = async (key: string) => void effects.add(key);
  const { app, options } = build({ effect, happened }, { checkpointer: new MemorySaver() });
  const call = (input: object | null) =>
    app.invoke(input, { ...options?.(), configurable: { thread_id: "t" } });
  const output = await untilItSucceeds(failure, (isFirst) => call(isFirst ? {} : null));
  return { output: plain(output), effects: [...effects] };
}

export function triedAgain({ name, failure, build }: GivenUp): CrashScenario {
  return {
    name,
    async run({ runtime, runId, ...world }) {
      const { app, options } = build(world);
      const durable = { runId };
      const output = await untilItSucceeds(failure, async (isFirst) => {
        if (!isFirst) await runtime.handle(runId).retry();
        return runtime.run(app, {}, { ...options?.(), durable });
      });
      return plain(output);
    },
  };
}

async function untilItSucceeds<T>(
  failure: RegExp,
  call: (isFirst: boolean) => Promise<T>,
): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await call(isFirst);
    } catch (error) {
      if (!failure.test(String(error))) throw error;
    }
  }
}
