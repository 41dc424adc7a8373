// Apps that pause, as scenarios: what they return with LangGraph alone, and what a crash must not change.
import { currentScope } from "@holdfast/core/journal";
import { Command } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { plain } from "./scenarios/plain.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export interface AskingScenario extends Omit<Scenario, "answers" | "repeated"> {
  /** What is answered to whoever asks this. Breakpoints are passed without a word. */
  answerTo(question: unknown): unknown;
}

export interface Interrupts {
  readonly __interrupt__?: readonly { readonly id: string; readonly value: unknown }[];
}

interface Observed {
  readonly output: unknown;
  /** The names of the effects, without those that LangGraph repeats. */
  readonly effects: readonly string[];
}

/** What LangGraph alone comes to, all questions of a pause answered at once. */
export async function observeAsking(scenario: AskingScenario): Promise<Observed> {
  const effects = new Set<string>();
  const { app, input, options } = scenario.build(async (name) => void effects.add(name));
  let output = await app.invoke(input, options);
  for (let asked = askedIn(output); asked !== undefined; asked = askedIn(output)) {
    const answers = asked.map(({ id, value }) => [id, scenario.answerTo(value)]);
    const next = answers.length === 0 ? null : new Command({ resume: Object.fromEntries(answers) });
    output = await app.invoke(next, options);
  }
  return { output: plain(output), effects: [...effects].sort() };
}

export function askedIn(output: unknown): Interrupts["__interrupt__"] {
  return (output as Interrupts).__interrupt__;
}

export function crashingWhenAsked(scenario: AskingScenario): CrashScenario {
  return {
    name: scenario.name,
    async run({ runtime, runId, effect }) {
      const { app, input, options } = scenario.build((name) => effect(`${name} in ${place()}`));
      // Runs beside each other on one database need threads of their own.
      const configurable = { ...options?.configurable, thread_id: runId };
      const durable = { runId, until: "end" } as const;
      const given = { ...options, configurable, durable };
      return plain(await runtime.run(app as DurableApp, input, given));
    },
    async answer({ seq, body }, { handle }) {
      const asked = JSON.parse(body!) as object;
      const isBreakpoint = "interruptBefore" in asked || "interruptAfter" in asked;
      await handle.respond(seq, isBreakpoint ? null : scenario.answerTo(asked));
    },
  };
}

/** Where an effect happens, without the numbers of steps, which are not the same in every process. */
export function place(): string {
  return (currentScope.getStore()?.knownPath ?? "").replace(/@\d+/g, "");
}
