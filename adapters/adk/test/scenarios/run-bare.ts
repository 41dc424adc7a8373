import { getFunctionCalls, InMemoryRunner } from "@google/adk";
import { plainEvent } from "./plain.ts";
import type { Effect, Scenario } from "./scenario.ts";

const SESSION = { appName: "scenario", userId: "user", sessionId: "session" };

type Message = Parameters<InMemoryRunner["runAsync"]>[0]["newMessage"];

export interface PlainTurn {
  readonly events: readonly string[];
  readonly state: Readonly<Record<string, unknown>>;
}

/**
 * Runs a scenario with ADK alone. Returns the events and the state after each turn: of the input, then
 * of each reply to an open call.
 */
export async function runBare(scenario: Scenario, effect: Effect): Promise<readonly PlainTurn[]> {
  const { app, input, options } = scenario.build(effect);
  const runner = new InMemoryRunner({ agent: app, appName: SESSION.appName });
  await runner.sessionService.createSession(SESSION);
  const called = new Map<string, string>();
  const turn = async (newMessage: Message): Promise<PlainTurn> => {
    const events: string[] = [];
    try {
      for await (const event of runner.runAsync({ ...SESSION, ...options, newMessage })) {
        // At once: the events of one model call share their actions, which grow while it goes on.
        events.push(plainEvent(event));
        for (const { name = "", id = "" } of getFunctionCalls(event)) called.set(name, id);
      }
    } catch (error) {
      if (scenario.unlikeBare === undefined) throw error;
      events.push(`throws ${(error as Error).name}`);
    }
    const session = await runner.sessionService.getSession(SESSION);
    return { events, state: session?.state ?? {} };
  };

  const turns = [await turn({ role: "user", parts: [{ text: input }] })];
  for (const { call, response } of scenario.answers ?? []) {
    const id = called.get(call);
    // ADK alone does not always ask.
    if (id === undefined && scenario.unlikeBare !== undefined) break;
    if (id === undefined) throw new Error(`The run ended without a call of ${call} to answer.`);
    const functionResponse = { id, name: call, response: { ...response } };
    turns.push(await turn({ role: "user", parts: [{ functionResponse }] }));
  }
  return turns;
}
