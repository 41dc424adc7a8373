// An app of which some calls are not seen: a queue makes them that was started in no run.
import type { RunnableConfig } from "@langchain/core/runnables";
import { type CompiledStateGraph, END, START, StateGraph } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

type Graph = CompiledStateGraph<
  typeof Lines.State,
  typeof Lines.Update,
  "__start__" | "node",
  typeof Lines.spec,
  typeof Lines.spec
>;

interface Queue {
  add<T>(job: () => Promise<T>): Promise<T>;
  close(): void;
}

/** A queue whose worker is started here, in no run. */
export function queue(): Queue {
  const jobs: (() => void)[] = [];
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();
  const worker = async () => {
    for (;;) {
      const isClosed = await Promise.race([
        wake.promise.then(() => false),
        closed.then(() => true),
      ]);
      if (isClosed) return;
      wake = Promise.withResolvers();
      for (const job of jobs.splice(0)) job();
    }
  };
  void worker();
  const add = <T>(job: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      jobs.push(() => void job().then(resolve, reject));
      wake.resolve();
    });
  return { add, close };
}

/** Two calls of a model and one of a tool by the queue, and then one of a tool that is seen. */
export function calledByQueue(effect: Effect, { add }: Queue): Graph {
  const model = new FakeModel(effect, () => "answer");
  const search = fakeTool(effect, "search");
  const node = async (_state: typeof Lines.State, config: RunnableConfig) => {
    const { text } = await add(() => model.invoke("a", config));
    await add(() => model.invoke("b", config));
    const found = await add(() => search.invoke({ q: "c" }, config));
    return { lines: [text, found, await search.invoke({ q: "seen" })] };
  };
  const graph = new StateGraph(Lines).addNode("node", node);
  return graph.addEdge(START, "node").addEdge("node", END).compile();
}

/** What is not seen happens again after a crash, and every process says so. */
export const unseen: CrashScenario = {
  name: "calls that are not seen",
  unwanted: ["drift", "reordered", "diverged", "lossy"],
  async run({ runtime, runId, effect }) {
    const outside = queue();
    const output = await runtime.run(calledByQueue(effect, outside), {}, { durable: { runId } });
    outside.close();
    return output;
  },
};
