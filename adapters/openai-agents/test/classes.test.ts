// Classes of the user's: what they add to the SDK's own is as durable as what they inherit.
import { type Agent, handoff, type InputGuardrail, type RunContext } from "@openai/agents";
import { expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { processes } from "./processes.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, effect, effects } = processes();
const options = () => ({ context: { notes: {} } as Notes, durable: { runId: "r" } });

class Guard implements InputGuardrail {
  readonly name = "guard";
  async execute() {
    await effect("guardrail");
    return { tripwireTriggered: false, outputInfo: null };
  }
}

function guardedBy(guardrail: InputGuardrail): Agent<Notes> {
  const agent = agentThatCalls(effect, "said", []);
  agent.inputGuardrails = [guardrail];
  return agent;
}

test("a guardrail that is an object of a class is asked once", async () => {
  const guards = [new Guard(), new Guard()];
  for (const guard of guards) await next().run(guardedBy(guard), "Go.", options());
  expect(effects.filter((name) => name === "guardrail")).toHaveLength(1);
  expect(guards.map(Object.keys)).toEqual([["name"], ["name"]]);
});

test("a guardrail that cannot be changed is told of, since it is asked again", async () => {
  const warned: string[] = [];
  const quiet = () => {};
  const warn = (message: string) => void warned.push(message);
  const logger = { debug: quiet, info: quiet, warn, error: quiet };
  const guardrail = Object.freeze(new Guard());
  await next({}, { logger }).run(guardedBy(guardrail), "Go.", options());
  expect(warned).toContainEqual(expect.stringContaining('the guardrail "guard"'));
});
