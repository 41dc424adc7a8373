import { type Agent, type RunState, run } from "@openai/agents";
import { plain, plainError, plainEvent, type Result } from "./plain.ts";
import type { Decisions, Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Runs a scenario with the SDK alone. Returns the plain output of each turn: of the input, then of
 * each set of decisions. A streamed turn has its events beside.
 */
export async function runBare(scenario: Scenario, effect: Effect): Promise<readonly unknown[]> {
  const { app, runner = { run }, input, options, heard } = scenario.build(effect);
  const events: string[] = [];
  const start = async (from: string | RunState<Notes, Agent<Notes>>): Promise<Result> => {
    if (scenario.streamed === undefined) return runner.run(app, from, options);
    const result = await runner.run(app, from, { ...options, stream: true });
    for await (const event of result) events.push(plainEvent(event));
    await result.completed;
    return result;
  };
  const turn = (result: Result) => ({ events: events.splice(0), ...plain(result, heard) });

  if (scenario.fails) return [await start(input).catch(plainError)];
  let result = await start(input);
  const turns = [turn(result)];
  for (const decisions of scenario.answers ?? []) {
    decide(result, decisions);
    result = await start(result.state);
    turns.push(turn(result));
  }
  return turns;
}

/** What the model is told of a call that was rejected. */
export const WHY_REJECTED = "It is to stay.";

function decide({ interruptions, state }: Result, decisions: Decisions): void {
  for (const item of interruptions) {
    const { rawItem } = item;
    const decision = decisions[("callId" in rawItem ? rawItem.callId : rawItem.id) ?? ""];
    const always = decision?.startsWith("always") ?? false;
    if (decision?.endsWith("approve")) state.approve(item, { alwaysApprove: always });
    if (decision?.endsWith("reject"))
      state.reject(item, { alwaysReject: always, message: WHY_REJECTED });
  }
}
