// An app that asks, and a run of it whose state is changed by hand before the answer.
import {
  Annotation,
  type AnnotationRoot,
  type BaseChannel,
  Command,
  type CompiledStateGraph,
  END,
  interrupt,
  MemorySaver,
  type OverwriteValue,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";

type Channel<T> = BaseChannel<T, T | OverwriteValue<T>>;

export const Lines: AnnotationRoot<{
  lines: Channel<string[]>;
  question: Channel<string>;
  again: Channel<boolean>;
}> = Annotation.Root({
  lines: Annotation<string[]>({ reducer: (old, added) => old.concat(added), default: () => [] }),
  question: Annotation<string>({ reducer: (_old, next) => next, default: () => "go on?" }),
  again: Annotation<boolean>({ reducer: (_old, next) => next, default: () => false }),
});
export type State = typeof Lines.State;

export const looks = async (): Promise<{ lines: string[] }> => ({ lines: ["looked"] });
const asks = async ({ question }: State) => ({ lines: [`${question} ${interrupt(question)}`] });

type Asking = CompiledStateGraph<
  State,
  typeof Lines.Update,
  "__start__" | "look" | "ask" | "act" | "second",
  typeof Lines.spec,
  typeof Lines.spec
>;

export const asking = (
  checkpointer?: MemorySaver,
  acting: () => Promise<unknown> = async () => {},
): Asking =>
  new StateGraph(Lines)
    .addNode("look", looks)
    .addNode("ask", asks)
    .addNode("act", async ({ lines }) => {
      await acting();
      return { lines: [`acted after ${lines.at(-1)}`] };
    })
    .addNode("second", asks)
    .addEdge(START, "look")
    .addEdge("look", "ask")
    .addEdge("ask", "act")
    .addConditionalEdges("act", ({ again }) => (again ? "second" : END), ["second", END])
    .addEdge("second", END)
    .compile(checkpointer === undefined ? {} : { checkpointer });

/** Notes how many lines there are. */
export const counting = (
  checkpointer?: MemorySaver,
): CompiledStateGraph<
  State,
  typeof Lines.Update,
  "__start__" | "count",
  typeof Lines.spec,
  typeof Lines.spec
> =>
  new StateGraph(Lines)
    .addNode("count", async ({ lines }) => ({ lines: [String(lines.length)] }))
    .addEdge(START, "count")
    .addEdge("count", END)
    .compile(checkpointer === undefined ? {} : { checkpointer });

/** It is updated before it is answered, and looks something up then. */
export const updated: CrashScenario = {
  name: "update",
  async run({ runtime, runId, effect }) {
    const look = fakeTool(effect, "look");
    const app = asking(new MemorySaver(), () => look.invoke({ q: "act" }));
    const options = { configurable: { thread_id: runId }, durable: { runId } };
    await runtime.run(app, {}, options);
    const config = await runtime.config(app, runId);
    const { lines } = (await app.getState(config)).values as State;
    if (!lines.includes("by hand")) await app.updateState(config, { lines: ["by hand"] });
    const resume = new Command({ resume: "yes" }) as never;
    return plain(await runtime.run(app, resume, options));
  },
};
