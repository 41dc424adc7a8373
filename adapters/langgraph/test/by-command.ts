// An app that is answered by commands as inputs, and a conversation that is held with it.
import {
  Command,
  type CompiledStateGraph,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

interface Asked {
  readonly id: string;
  readonly value: unknown;
}
export type Output = typeof Lines.State & { readonly __interrupt__?: readonly Asked[] };
export type Input = Partial<typeof Lines.State> | Command | null;

export function onThread(thread_id: string): LangGraphRunnableConfig {
  return { configurable: { thread_id } };
}

/** Asks twice in one node, and then looks up what it was told; there is another node to go to. */
export function asking(
  each: Effect,
): CompiledStateGraph<
  typeof Lines.State,
  typeof Lines.Update,
  "__start__" | "ask" | "act" | "aside",
  typeof Lines.spec,
  typeof Lines.spec
> {
  const look = fakeTool(each, "look");
  const ask = async ({ number }: typeof Lines.State) => {
    const found = await look.invoke({ q: "first" });
    const answers = [interrupt("Who?"), interrupt("What?")];
    const lines = [`${found}: ${answers.join()} at ${number}`];
    return new Command({ update: { lines }, goto: "act" });
  };
  return new StateGraph(Lines)
    .addNode("ask", ask, { ends: ["act", "aside"] })
    .addNode("act", async ({ lines }) => ({ lines: [await look.invoke({ q: `${lines.length}` })] }))
    .addNode("aside", async () => ({ lines: [await look.invoke({ q: "aside" })] }))
    .addEdge(START, "ask")
    .addEdge("act", END)
    .addEdge("aside", END)
    .compile({ checkpointer: new MemorySaver() });
}

export function byId(last: Output, answer: (value: unknown) => unknown): Command {
  const answers = last.__interrupt__?.map(({ id, value }) => [id, answer(value)]) ?? [];
  return new Command({ resume: Object.fromEntries(answers) });
}

/** Answered until it asks no more, the last answer with an update and a `goto`. */
export const byCommand: CrashScenario = {
  name: "commands",
  async run({ runtime, runId, effect }) {
    const app = asking(effect);
    const say = async (input: Input, options: object = {}) =>
      (await runtime.run(app, input as never, { ...onThread(runId), ...options })) as Output;
    let output = await say({}, { durable: { runId } });
    while (output.__interrupt__ !== undefined) {
      const isLast = output.__interrupt__[0]?.value === "What?";
      const more = isLast ? { update: { number: 7 }, goto: "aside" } : {};
      const { resume } = byId(output, (value) => `answer to ${value}`);
      output = await say(new Command({ resume, ...more }));
    }
    return plain(output);
  },
};
