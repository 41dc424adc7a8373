// Classes of the user's: what they add to the SDK's own is as durable as what they inherit.
import { Agent, handoff, type InputGuardrail, type RunContext } from "@openai/agents";
import { expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { processes } from "./processes.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, effect, effects, steps } = processes();
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

class Clerk extends Agent<Notes> {
  override async getAllTools(context: RunContext<Notes>) {
    return [...(await super.getAllTools(context)), fakeTool(effect, "extra")];
  }
}

class FrontDesk extends Agent<Notes> {
  override async getEnabledHandoffs(context: RunContext<Notes>) {
    return [...(await super.getEnabledHandoffs(context)), handoff(clerk(), { onHandoff })];
  }
}

const onHandoff = () => void effects.push("handoff");

const clerk = () =>
  new Clerk({
    name: "Clerk",
    tools: [fakeTool(effect, "own")],
    model: new FakeModel(effect, "clerk", (request) => {
      const seen = results(request);
      const name = ["extra", "own"].find((id) => !seen.has(id));
      return name === undefined ? "done" : [{ name, args: { q: "x" }, id: name }];
    }),
  });

const frontDesk = () =>
  new FrontDesk({
    name: "Front desk",
    model: new FakeModel(effect, "front", () => [
      { name: "transfer_to_Clerk", args: {}, id: "h1" },
    ]),
  });

test.each([
  ["that begins", clerk],
  ["that is handed off to", frontDesk],
])("what a class of the user's adds to an agent %s is done once", async (_, app) => {
  await next().run(app(), "Go.", options());
  const done = effects.slice();
  expect(done).toEqual([...new Set(done)]);
  expect(done).toEqual(expect.arrayContaining(["tool: extra x", "tool: own x"]));
  await next().run(app(), "Go.", options());
  expect(effects).toEqual(done);
  const kinds = (await steps()).map((line) => line.split(" ").slice(0, 2).join(" "));
  expect(kinds).toEqual(expect.arrayContaining(["tool extra", "tool own"]));
});
