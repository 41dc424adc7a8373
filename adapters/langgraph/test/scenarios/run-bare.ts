import { Command } from "@langchain/langgraph";
import { plain } from "./plain.ts";
import type { Effect, Scenario } from "./scenario.ts";

/**
 * Runs a scenario with LangGraph alone. Returns the plain output of each turn: of the input, then of
 * each answer to a pause.
 */
export async function runBare(scenario: Scenario, effect: Effect): Promise<readonly unknown[]> {
  const { app, input, options } = scenario.build(effect);
  const turns = [plain(await app.invoke(input, options))];
  for (const answer of scenario.answers ?? []) {
    turns.push(plain(await app.invoke(new Command({ resume: answer }), options)));
  }
  return turns;
}
