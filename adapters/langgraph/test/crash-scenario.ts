// A scenario as the crash harness takes it: run durably to its end, its questions answered by people.
import { currentScope } from "@holdfast/core/journal";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { LangGraphApp } from "../src/app.ts";
import { plain } from "./scenarios/plain.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** A scenario's app with what makes it one of LangGraph, for the types of `runtime.run`. */
export type DurableApp = LangGraphApp & { readonly lg_is_pregel: boolean };

/** What no crash is to cause, where every process may say anew that values are stored as less than they are. */
export const unwantedOfLossy: readonly string[] = ["drift", "reordered", "diverged", "escaped"];

interface Observed {
  readonly output: unknown;
  readonly questions: readonly string[];
  readonly effects: readonly string[];
}

/** @param questions what the scenario asks, in the order of its answers */
export function crashScenario(
  scenario: Scenario,
  questions: readonly string[] = [],
): CrashScenario {
  return {
    name: scenario.name,
    ...(scenario.isLossy && { unwanted: unwantedOfLossy }),
    async run({ runtime, runId, effect }) {
      const { app, input, options } = scenario.build((name) => effect(`${name}${place()}`));
      const durable = { runId, until: "end" } as const;
      return plain(await runtime.run(app as DurableApp, input, { ...options, durable }));
    },
    async answer({ seq, body }, { handle }) {
      const { question } = JSON.parse(body!) as { readonly question: string };
      await handle.respond(seq, scenario.answers?.[questions.indexOf(question)]);
    },
  };
}

/**
 * Where an effect happens, to tell it from equal ones elsewhere. The numbers of steps around it are left
 * out: they are not the same in every process.
 */
function place(): string {
  const path = currentScope.getStore()?.knownPath ?? "";
  return ` in ${path.replace(/@\d+/g, "")}`;
}

/** What a bare run comes to, what it asks, and its effects without those that only LangGraph repeats. */
export async function observe(scenario: Scenario): Promise<Observed> {
  const effects: string[] = [];
  const turns = await runBare(scenario, async (name) => void effects.push(name));
  for (const name of scenario.repeated ?? []) effects.splice(effects.indexOf(name), 1);
  return { output: turns.at(-1), questions: turns.flatMap(questionsIn), effects: effects.sort() };
}

/** What a plain turn says that its graph asks. */
export function questionsIn(turn: unknown): readonly string[] {
  const { __interrupt__: asked = [] } = turn as { __interrupt__?: { question: string }[] };
  return asked.map(({ question }) => question);
}
