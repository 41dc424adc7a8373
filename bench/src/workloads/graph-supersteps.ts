/**
 * A LangGraph graph that goes from superstep to superstep until its time is over: what one costs, without
 * the beginning of a run.
 */
import { tool } from "@langchain/core/tools";
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { type Contender, quantile } from "../measure.ts";
import { message } from "../random-text.ts";
import { AnsweringModel } from "./answering-model.ts";
import type { Invoke } from "./langgraph-app.ts";

interface State {
  readonly count: number;
  readonly said: string;
}

/** What is done in a superstep. */
export type Work = (state: State) => State | Promise<State>;

const TEXT = message("assistant", 1000);
const model = new AnsweringModel(() => TEXT);
const look = tool(() => TEXT, {
  name: "look",
  description: "Looks up.",
  schema: z.object({ count: z.number() }),
});

/** Nothing but code. */
export const counting: Work = ({ count, said }) => ({ count: count + 1, said });

/** A model call, a tool call, and 1 KB of state that is new. */
export const asking: Work = async ({ count }) => {
  const { text } = await model.invoke(`${count}`);
  await look.invoke({ count });
  return { count: count + 1, said: `${count} ${text}` };
};

interface SuperstepOrder {
  readonly name: string;
  readonly work: Work;
  readonly invoke: Invoke;
  readonly checkpointer?: BaseCheckpointSaver;
  /** More of LangGraph's own options. */
  readonly options?: object;
}

export function supersteps(order: SuperstepOrder): Contender {
  const { name, work, invoke, checkpointer, options } = order;
  return {
    name,
    async sample(ms) {
      const at: number[] = [];
      const node: Work = (state) => {
        at.push(performance.now());
        return work(state);
      };
      const app = new StateGraph(
        Annotation.Root({ count: Annotation<number>, said: Annotation<string> }),
      )
        .addNode("work", node)
        .addEdge(START, "work")
        .addConditionalEdges("work", () => (at.at(-1)! - at[0]! < ms ? "work" : END))
        .compile(checkpointer === undefined ? {} : { checkpointer });
      const thread = { configurable: { thread_id: crypto.randomUUID() } };
      const input = { count: 0, said: "" };
      await invoke(app, input, { recursionLimit: 1_000_000, ...thread, ...options });
      // What is still to be stored when the last one is over belongs to them.
      const took = performance.now() - at[0]!;
      const durations = at.slice(1).map((when, nth) => when - at[nth]!);
      return {
        rate: (at.length / took) * 1000,
        p50: quantile(durations, 0.5),
        p99: quantile(durations, 0.99),
      };
    },
  };
}
