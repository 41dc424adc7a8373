import { Agent, type RunContext, tool } from "@openai/agents";
import { z } from "zod";
import { FakeModel, results } from "./fake-model.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/** What was found, by whom and when: of values that change in themselves. */
interface Findings extends Notes {
  readonly found: Map<string, Set<string>>;
  readonly latest: Date;
}

/**
 * Agents as tools two levels deep, the very same ones twice side by side, whose tools change what they
 * all share; and an agent whose instructions say what that came to.
 */
export const research: Scenario = {
  name: "research",
  build: (effect) => {
    const ask = (agent: Agent<Findings>, toolName: string) =>
      agent.asTool({ toolName, toolDescription: "Asks." });
    const scout = asking(effect, "scout", ["dig", "dig"], [dig(effect)]);
    const guide = asking(effect, "guide", ["ask_scout"], [ask(scout, "ask_scout")]);
    const topics = ["amber", "birch"];
    const app = new Agent<Findings>({
      name: "Writer",
      instructions: ({ context: { found, latest } }) => {
        const by = [...found].map(([who, what]) => `${who}: ${[...what].sort().join(" and ")}`);
        return `${by.sort().join(", ")} until ${latest.getTime()}`;
      },
      model: new FakeModel(effect, "writer", (request) =>
        results(request).size === 0
          ? topics.map((input) => ({ name: "ask_guide", args: { input }, id: input }))
          : `${request.systemInstructions}. ${[...results(request).values()].map((said) => JSON.stringify(said))}`,
      ),
      tools: [ask(guide, "ask_guide")],
    });
    const context: Findings = { notes: {}, found: new Map(), latest: new Date(0) };
    return { app: app as never, input: "Write.", options: { context } };
  },
};

/** Calls these tools once, with the topic it was given, and says what it knows then. */
function asking(
  effect: Effect,
  name: string,
  calls: readonly string[],
  tools: Agent<Findings>["tools"],
): Agent<Findings> {
  const topicOf = (input: unknown) => (JSON.stringify(input).includes("amber") ? "amber" : "birch");
  const model = new FakeModel(
    effect,
    ({ input }) => `${name} of ${topicOf(input)}`,
    (request) => {
      const topic = topicOf(request.input);
      if (results(request).size > 0) return `the ${name} knows ${topic}`;
      const argsOf = (nth: number) => ({ input: topic, q: `${topic} ${nth}` });
      return calls.map((tool, nth) => ({ name: tool, args: argsOf(nth), id: `${topic}_${nth}` }));
    },
  );
  return new Agent<Findings>({ name, model, tools });
}

function dig(effect: Effect) {
  return tool({
    name: "dig",
    description: "Digs.",
    parameters: z.object({ q: z.string() }),
    async execute({ q }, run?: RunContext<Findings>) {
      await effect(`tool: dig ${q}`);
      const [topic = "", nth] = q.split(" ");
      const { found, latest } = run!.context;
      found.set(topic, new Set([...(found.get(topic) ?? []), `find ${nth}`]));
      latest.setTime(Math.max(latest.getTime(), q.length));
      return `dug ${q}`;
    },
  });
}
