// Whose objects they are: the user's own agents, listeners and runners are what runs, in every process;
// and what is not as it was when a run was recorded is noticed.
import { Agent, InputGuardrailTripwireTriggered, Runner, run as runAlone } from "@openai/agents";
import { expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, die, effect, effects } = processes();
const durable = { runId: "r" };
const options = () => ({ context: { notes: {} }, durable });
const call = (name: string, id = "c1") => ({ name, args: { q: "x" }, id });

class Concierge extends Agent<Notes> {
  readonly #floor = 7;
  get floor(): number {
    return this.#floor;
  }
}

/** Hands off to an agent of a class of the user's, who calls a tool. */
function hotel(inside: () => Promise<void> = async () => {}) {
  const seen: unknown[] = [];
  const concierge = new Concierge({
    name: "Concierge",
    instructions: (_, agent) => {
      seen.push(agent);
      return `Floor ${(agent as Concierge).floor}.`;
    },
    model: new FakeModel(effect, "concierge", (request) =>
      results(request).has("c1") ? `${request.systemInstructions}` : [call("look")],
    ),
    tools: [fakeTool(async (name) => effect(name).then(inside), "look")],
  });
  const front = new Agent<Notes>({
    name: "Front",
    model: new FakeModel(effect, "front", () => [
      { name: "transfer_to_Concierge", args: {}, id: "h1" },
    ]),
    handoffs: [concierge],
  });
  const heard: string[] = [];
  front.on("agent_handoff", (_, to) => void heard.push(`handoff to ${to.name}`));
  concierge.on("agent_start", () => void heard.push("start"));
  concierge.on("agent_tool_start", (_, { name }) => void heard.push(`tool ${name}`));
  concierge.on("agent_tool_end", (_, { name }) => void heard.push(`end of ${name}`));
  concierge.on("agent_end", (_, output) => void heard.push(`end: ${output}`));
  return { front, concierge, seen, heard };
}

test("agents are the user's own, with their class and their listeners, also where it is all on record", async () => {
  const bare = hotel();
  await runAlone(bare.front, "Hi.", { context: { notes: {} } });
  effects.length = 0;
  const killed = deadly();
  void next()
    .run(hotel(killed.body).front, "Hi.", options())
    .catch(() => {});
  await killed.reached;
  die();
  for (const _ of ["taken up", "over"]) {
    const { front, concierge, seen, heard } = hotel();
    const result = await next().run(front, "Hi.", options());
    expect(result.lastAgent).toBe(concierge);
    expect(result.finalOutput).toBe("Floor 7.");
    expect(new Set(seen)).toEqual(new Set([concierge]));
    expect(heard).toEqual(bare.heard);
    expect(front.handoffs).toEqual([concierge]);
  }
  expect(effects).toEqual([
    "model: front (1)",
    "model: concierge (3)",
    "tool: look x",
    "tool: look x",
    "model: concierge (5)",
  ]);
});

test("a runner is used as it is, with its hooks, its filter and its guardrails", async () => {
  const told: string[] = [];
  const runner = () => {
    const made = new Runner({
      model: new FakeModel(effect, "runner's", (request) => request.systemInstructions ?? ""),
      callModelInputFilter: ({ modelData }) => ({
        ...modelData,
        instructions: "Of the filter.",
      }),
      inputGuardrails: [
        {
          name: "guard",
          runInParallel: false,
          execute: async () => {
            await effect("guardrail");
            return { tripwireTriggered: false, outputInfo: null };
          },
        },
      ],
    });
    made.on("agent_start", () => void told.push("start"));
    made.on("agent_end", () => void told.push("end"));
    return made;
  };
  for (const _ of [1, 2]) {
    const app = { agent: new Agent({ name: "Clerk" }), runner: runner() };
    expect((await next().run(app, "Go.", { durable })).finalOutput).toBe("Of the filter.");
  }
  expect(effects).toEqual(["guardrail", "model: runner's (1)"]);
  // Hooks are told of what is done again, too.
  expect(told).toEqual(["start", "end", "start", "end"]);
});

test("a runner without an agent is refused, with what to give instead", async () => {
  const running = next().run(new Runner() as never, "Go." as never, { durable });
  await expect(running).rejects.toMatchObject({
    code: "APP_NOT_RECOGNISED",
    hint: expect.stringContaining("{ agent, runner }"),
  });
});

test("what a guardrail beside the model said against the input is said in every process", async () => {
  const app = (says: boolean) => {
    const agent = agentThatCalls(effect, "said", []);
    const execute = async () => {
      await effect("guardrail");
      return { tripwireTriggered: says, outputInfo: "not that" };
    };
    agent.inputGuardrails = [{ name: "guard", execute }];
    return agent;
  };
  for (const says of [true, false]) {
    const running = next().run(app(says), "Go.", options());
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputGuardrailTripwireTriggered);
    expect(error).toMatchObject({ result: { output: { outputInfo: "not that" } } });
  }
  expect(effects.sort()).toEqual(["guardrail", "model: clerk (1)"]);
});

test("two processes that go on with an approved call at once make it once, and both are given what came of it", async () => {
  const app = () =>
    agentThatCalls(effect, [call("look")], [fakeTool(effect, "look", { needsApproval: true })]);
  const { state, interruptions } = await next().run(app(), "Go.", options());
  state.approve(interruptions[0]!);
  const both = await Promise.all([
    next().run(app(), state, options()),
    next().run(app(), "Go.", options()),
    next().run(app(), state, options()),
  ]);
  expect(new Set(both.map(({ finalOutput }) => finalOutput)).size).toBe(1);
  expect(both[0]!.finalOutput).toContain("look did x");
  expect(effects).toEqual(["model: clerk (1)", "tool: look x", "model: clerk (3)"]);
});

test("of two people who decide at once, one decides", async () => {
  const app = () =>
    agentThatCalls(effect, [call("look")], [fakeTool(effect, "look", { needsApproval: true })]);
  await next().run(app(), "Go.", options());
  const decided = await Promise.allSettled([
    next().handle("r").approve(),
    next().handle("r").reject(undefined, { note: "no" }),
  ]);
  expect(decided.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const isApproved = decided[0]!.status === "fulfilled";
  const { finalOutput } = await next().run(app(), "Go.", options());
  expect(finalOutput).toContain(isApproved ? "look did x" : "no");
  expect(effects.includes("tool: look x")).toBe(isApproved);
});
