// Whose objects they are: the user's own agents, listeners and runners are what runs, in every process;
// and what is not as it was when a run was recorded is noticed.
import { Agent, InputGuardrailTripwireTriggered, Runner, run as runAlone } from "@openai/agents";
import { describe, expect, test } from "vitest";
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

test("of two guardrails of one name each says what it says, also where the slow one was cut off", async () => {
  const { body, reached } = deadly();
  const app = (inside: () => Promise<void>) => {
    const guard = (name: string, tripwireTriggered: boolean, then = async () => {}) => ({
      name: "guard",
      runInParallel: false,
      async execute() {
        await effect(name);
        await then();
        return { tripwireTriggered, outputInfo: name };
      },
    });
    const agent = agentThatCalls(effect, "said", []);
    agent.inputGuardrails = [guard("slow", true, inside), guard("quick", false)];
    return agent;
  };
  void next()
    .run(app(body), "Go.", options())
    .catch(() => {});
  await reached;
  const ended = async () =>
    (await next().handle("r").steps()).map(({ status }) => status).includes("finished");
  await expect.poll(ended).toBe(true);
  die();
  const running = next().run(
    app(async () => {}),
    "Go.",
    options(),
  );
  await expect(running).rejects.toMatchObject({
    result: { output: { outputInfo: "slow" } },
  });
  expect(effects).toEqual(["slow", "quick", "slow"]);
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

describe("an agent that was changed while a run of it was under way", () => {
  /** Looks, then weighs; the process dies while it weighs. */
  const clerk = (lookup: string, inside = async () => {}, model = FakeModel) =>
    new Agent<Notes>({
      name: "Clerk",
      tools: [fakeTool(effect, lookup), fakeTool(inside, "weigh")],
      model: new model(effect, "clerk", (request) => {
        const calls = ["look", "weigh"].map((name) => [call(name, `${name}_1`)]);
        return calls[results(request).size] ?? "weighed";
      }),
    });

  async function dead(app: (inside: () => Promise<void>) => Agent<Notes>): Promise<void> {
    const { body, reached } = deadly();
    void next()
      .run(app(body), "Go.", options())
      .catch(() => {});
    await reached;
    die();
  }

  test("to another model keeps what the old one said, and asks the new one from there on", async () => {
    class Newer extends FakeModel {}
    await dead((inside) => clerk("look", inside));
    const { finalOutput } = await next().run(clerk("look", undefined, Newer), "Go.", options());
    expect(finalOutput).toBe("weighed");
    expect(effects).toEqual([
      "model: clerk (1)",
      "tool: look x",
      "model: clerk (3)",
      "model: clerk (5)",
    ]);
    const models = (await next().handle("r").steps()).filter(({ kind }) => kind === "model");
    expect(models.map(({ name, drift }) => [name, drift])).toEqual([
      ["FakeModel", true],
      ["FakeModel", true],
      ["Newer", false],
    ]);
  });

  test.each(["whole", "streamed"])(
    "and lost a tool that it had called waits for code that has it (%s)",
    async (how) => {
      await dead((inside) => clerk("look", inside));
      const app = clerk("watch");
      const running =
        how === "whole"
          ? next().run(app, "Go.", options())
          : next().stream(app, "Go.", options()).completed;
      await expect(running).rejects.toMatchObject({
        code: "RUN_DIVERGED",
        message: expect.stringContaining("Tool look not found in agent Clerk."),
      });
      expect(await next().handle("r").status()).toMatchObject({ why: { reason: "divergence" } });
      expect((await next().run(clerk("look"), "Go.", options())).finalOutput).toBe("weighed");
    },
  );

  test("and lost a handoff that it had made waits for code that has it", async () => {
    const lost = () => {
      const { front } = hotel();
      front.handoffs = [];
      return front;
    };
    await dead((inside) => hotel(inside).front);
    const running = next().run(lost(), "Go.", options());
    await expect(running).rejects.toMatchObject({ code: "RUN_DIVERGED" });
    expect((await next().run(hotel().front, "Go.", options())).finalOutput).toBe("Floor 7.");
  });

  test("and lost an agent that was a tool has failed, and goes on with the old code", async () => {
    const app = (inside?: () => Promise<void>, isThere = true) => {
      const helper = clerk("look", inside).asTool({ toolName: "ask", toolDescription: "Asks." });
      const calls = [{ name: "ask", args: { input: "?" }, id: "a1" }];
      return agentThatCalls(effect, calls, isThere ? [helper] : []);
    };
    await dead(app);
    const running = next().run(app(undefined, false), "Go.", options());
    await expect(running).rejects.toMatchObject({ name: "ModelBehaviorError" });
    await next().handle("r").retry();
    expect((await next().run(app(), "Go.", options())).finalOutput).toContain("weighed");
    expect(effects.filter((name) => name === "tool: look x")).toHaveLength(1);
  });

  test("that calls what it never had has failed, as it does for the SDK", async () => {
    const app = agentThatCalls(effect, [call("fly")], [fakeTool(effect, "look")]);
    for (const _ of [1, 2]) {
      const running = next().run(app, "Go.", options());
      await expect(running).rejects.toMatchObject({ name: "ModelBehaviorError" });
    }
    expect(effects).toEqual(["model: clerk (1)"]);
  });
});
