// What tools and nodes do beside what they return: it is there as ADK alone has it, and killed at every point the same.
import {
  BaseTool,
  createEvent,
  createEventActions,
  FunctionTool,
  LlmAgent,
  type LlmRequest,
  type NodeContext,
  node,
  type RunAsyncToolRequest,
  Workflow,
} from "@google/adk";
import { expect, test } from "vitest";
import { z } from "zod";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { type Answer, FakeLlm, instruction, responses } from "./scenarios/fake-llm.ts";
import { type PlainTurn, runBare } from "./scenarios/run-bare.ts";
import type { Effect, Scenario } from "./scenarios/scenario.ts";

type Build = (effect: Effect) => LlmAgent | Workflow;
type Execute = ConstructorParameters<typeof FunctionTool<typeof numbered>>[0]["execute"];

const numbered = z.object({ n: z.number() });

/** Calls its one tool so many times, by numbers, and then says something. */
function calling(
  effect: Effect,
  tool: BaseTool,
  { times = 1, end = () => "done", ...options }: Calling = {},
): LlmAgent {
  const answer = (request: LlmRequest) => {
    const n = responses(request, tool.name).length;
    return n < times ? [{ name: tool.name, args: { n } }] : end(request);
  };
  return new LlmAgent({
    name: "caller",
    model: new FakeLlm(effect, "caller", answer),
    tools: [tool],
    ...options,
  });
}

interface Calling
  extends Pick<ConstructorParameters<typeof LlmAgent>[0], "beforeToolCallback" | "instruction"> {
  readonly times?: number;
  readonly end?: (request: LlmRequest) => Answer;
}

function numberedTool(name: string, execute: Execute): FunctionTool<typeof numbered> {
  return new FunctionTool({ name, description: `Does ${name}.`, parameters: numbered, execute });
}

function scenarioOf(name: string, build: Build): Scenario {
  return { name, build: (effect) => ({ app: build(effect), input: "Go." }) };
}

async function expectSameWhenKilled(scenario: Scenario): Promise<void> {
  const durable = crashScenario(scenario);
  const { failures, deaths, schedules } = await everyPoint(durable, {
    database: inMemory,
    atOnce: 12,
  });
  expect(failures).toEqual([]);
  expect(deaths).toBe(schedules);
}

async function expectAsWithAdkAlone(scenario: Scenario): Promise<void> {
  const [turn] = await runBare(scenario, async () => {});
  const { ending } = await survive(crashScenario(scenario), { database: inMemory() });
  expect(ending).toEqual({ is: "returned", output: turn as PlainTurn });
}

/** A list in the state, changed in place and set again. */
function listed(context: Parameters<Execute>[1], name: string, n: unknown): unknown[] {
  const list = context!.state.get<unknown[]>(name) ?? [];
  list.push(n);
  context!.state.set(name, list);
  return list;
}

test("events have the state that was set by then, whatever is added to it in place", async () => {
  const cart = scenarioOf("cart", (effect) => {
    const add = numberedTool("add", async ({ n }, context) => {
      await effect(`add ${n}`);
      listed(context, "cart", n);
      return { n };
    });
    return calling(effect, add, { times: 3 });
  });
  await expectAsWithAdkAlone(cart);
  await expectSameWhenKilled(cart);
});

test("what a tool adds in place to what a callback has just set is kept", async () => {
  const log = scenarioOf("log", (effect) => {
    const tool = numberedTool("log", async (_, context) => {
      await effect("log");
      listed(context, "log", "tool");
      return { ok: true };
    });
    return calling(effect, tool, {
      instruction: ({ state }) => JSON.stringify(state.get("log") ?? []),
      beforeToolCallback: ({ context }) => void context.state.set("log", ["before"]),
      end: instruction,
    });
  });
  await expectAsWithAdkAlone(log);
  await expectSameWhenKilled(log);
});

test("what a tool returned stays as it was, though the tool goes on adding to it", async () => {
  const returned = scenarioOf("returned", (effect) => {
    const add = numberedTool("add", async ({ n }, context) => {
      await effect(`add ${n}`);
      return { list: listed(context, "list", n) };
    });
    const lengths = (told: unknown) => (told as { readonly list: unknown[] }).list.length;
    const end = (request: LlmRequest) => responses(request, "add").map(lengths).join(" then ");
    return calling(effect, add, { times: 2, end });
  });
  const { ending } = await survive(crashScenario(returned), { database: inMemory() });
  const events = expect.arrayContaining(['caller: "1 then 2"']);
  expect(ending).toMatchObject({ is: "returned", output: { events } });
  await expectSameWhenKilled(returned);
});

test("a tool that changes its arguments changes nothing that was said", async () => {
  class Filling extends BaseTool {
    readonly #effect: Effect;

    constructor(effect: Effect) {
      super({ name: "fill", description: "Fills in what is missing." });
      this.#effect = effect;
    }

    override _getDeclaration() {
      return { name: this.name, description: this.description };
    }

    override async runAsync({ args }: RunAsyncToolRequest): Promise<unknown> {
      await this.#effect("fill");
      args.currency = "EUR";
      return { ...args };
    }
  }
  const filling = scenarioOf("filling", (effect) => {
    const end = ({ contents }: LlmRequest) => JSON.stringify(contents[1]?.parts);
    return calling(effect, new Filling(effect), { end });
  });
  await expectSameWhenKilled(filling);
});

test("a tool that ends the invocation has ended it", async () => {
  const stopping = scenarioOf("stopping", (effect) => {
    const stop = numberedTool("stop", async (_, context) => {
      await effect("stop");
      context!.invocationContext.endInvocation = true;
      return { stopped: true };
    });
    return calling(effect, stop);
  });
  await expectAsWithAdkAlone(stopping);
  await expectSameWhenKilled(stopping);
});

test("a node reads the state that an event it gave has set", async () => {
  const stepping = scenarioOf("stepping", () => {
    async function* steps(context: NodeContext) {
      const actions = createEventActions({ stateDelta: { step: 1 } });
      yield createEvent({ author: "steps", actions });
      yield `step is ${context.state.get("step")}`;
    }
    return new Workflow({ name: "flow", edges: [["START", node(steps, { name: "steps" })]] });
  });
  await expectAsWithAdkAlone(stepping);
  await expectSameWhenKilled(stepping);
});

test("an event that a tool adds to the session itself is told of, those of an agent in a node are not", async () => {
  const escaped = async (build: Build) => {
    const scenario = crashScenario(scenarioOf("adding", build));
    const { journal } = await survive(scenario, { database: inMemory() });
    return journal.filter(({ entry }) => entry === "escaped").map(({ value }) => String(value));
  };
  const adding = (effect: Effect) => {
    const note = numberedTool("note", async (_, context) => {
      const { sessionService, session } = context!.invocationContext;
      await sessionService!.appendEvent({ session, event: createEvent({ author: "note" }) });
      return { ok: true };
    });
    return calling(effect, note);
  };
  expect(await escaped(adding)).toEqual([expect.stringContaining("adds to the session itself")]);
  const running = (effect: Effect) => {
    const agent = calling(
      effect,
      numberedTool("count", async () => ({ ok: true })),
    );
    const outer = async (context: NodeContext) => (await context.runNode(agent, "Go.")).output;
    const runs = node(outer, { name: "outer", rerunOnResume: true });
    return new Workflow({ name: "flow", edges: [["START", runs]] });
  };
  expect(await escaped(running)).toEqual([]);
});
