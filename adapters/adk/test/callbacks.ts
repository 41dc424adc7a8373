// What a user's callbacks and plugins do around the calls of an agent, or instead of them.
import {
  BasePlugin,
  InMemoryRunner,
  LlmAgent,
  type LlmAgentConfig,
  SequentialAgent,
} from "@google/adk";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { caller } from "./caller.ts";
import { oneTurn } from "./one-turn.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";

const said = (text: string) => ({ role: "model", parts: [{ text }] });

/** Callbacks and a plugin that change what is asked and answered, and say in which order they ran. */
export const callbacks: Scenario = oneTurn("callbacks", (effect) => {
  class Notes extends BasePlugin {
    override async beforeModelCallback(): Promise<undefined> {
      order.push("plugin before model");
    }
    override async afterToolCallback(): Promise<undefined> {
      order.push("plugin after tool");
    }
  }
  const order: string[] = [];
  const agent = new LlmAgent({
    name: "caller",
    model: new FakeLlm(effect, "caller", (request) =>
      responses(request, "look").length === 0
        ? [{ name: "look", args: { q: "sea" } }]
        : `${String(request.config?.systemInstruction).split("\n").at(-1)}`,
    ),
    tools: [fakeTool(effect, "look")],
    beforeModelCallback: ({ request }) => {
      order.push("before model");
      request.config = { ...request.config, systemInstruction: `changed: ${order.join(", ")}` };
      return undefined;
    },
    afterModelCallback: ({ context }) => {
      order.push("after model");
      context.state.set("calls", (context.state.get<number>("calls") ?? 0) + 1);
      return undefined;
    },
    beforeToolCallback: () => {
      order.push("before tool");
      return undefined;
    },
    afterToolCallback: ({ response }) => {
      order.push("after tool");
      return { ...(response as object), seen: true };
    },
  });
  return new InMemoryRunner({ agent, plugins: [new Notes("notes")] });
});

/** Callbacks that answer instead of an agent, a model or a tool, or after them. */
export const instead: Scenario = oneTurn("instead", (effect) => {
  const agent = (name: string, callbacks: Partial<LlmAgentConfig>) =>
    new LlmAgent({
      name,
      model: new FakeLlm(effect, name, () => `${name} itself`),
      ...callbacks,
    });
  const subAgents = [
    agent("agent", { beforeAgentCallback: () => said("instead of the agent") }),
    agent("model", { beforeModelCallback: () => ({ content: said("instead of the model") }) }),
    agent("after", {
      afterModelCallback: () => ({ content: said("after the model") }),
      afterAgentCallback: ({ state }) => {
        state.set("after", true);
        return said("after the agent");
      },
    }),
    caller(effect, [fakeTool(effect, "look")], ["look"], {
      beforeToolCallback: () => ({ instead: true }),
    }),
  ];
  return new SequentialAgent({ name: "all", subAgents });
});

/** A tool that throws, and a plugin that says what its model is told of that. */
export const toolError: Scenario = oneTurn("tool error", (effect) => {
  class Excuses extends BasePlugin {
    override async onToolErrorCallback() {
      return { excuse: "It was not me." };
    }
  }
  const breaks = fakeTool(async (name) => {
    await effect(name);
    throw new RangeError("It is broken.");
  }, "look");
  const agent = caller(effect, [breaks], ["look"], {}, { q: "sea" });
  return new InMemoryRunner({ agent, plugins: [new Excuses("excuses")] });
});
