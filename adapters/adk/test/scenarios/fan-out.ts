import { createEvent, JoinNode, type NodeContext, Workflow } from "@google/adk";
import type { Effect, Scenario } from "./scenario.ts";

/**
 * Functions side by side, one of which gives several things one after the other; what they returned is
 * joined, and the way goes on by a route.
 */
export const fanOut: Scenario = {
  name: "fan-out",
  build: (effect) => {
    async function* stream(context: NodeContext, input: unknown) {
      await effect(`node: stream ${input}`);
      context.state.set("first", input);
      yield createEvent({ author: "stream", content: { role: "model", parts: [{ text: "one" }] } });
      context.state.set("second", input);
      yield { streamed: input };
    }
    const single = async (_context: NodeContext, input: unknown) => {
      await effect(`node: single ${input}`);
      return `single ${input}`;
    };
    const join = new JoinNode({ name: "join" });
    const decide = async (context: NodeContext, input: unknown) => {
      await effect("node: decide");
      context.route = "left";
      return input;
    };
    const app = new Workflow({
      name: "fan_out",
      edges: [
        ["START", [stream, single], join, decide],
        [decide, { left: side(effect, "left"), right: side(effect, "right") }],
      ],
    });
    return { app, input: "Go." };
  },
  racing: true,
};

function side(effect: Effect, name: string) {
  const turn = async (_context: NodeContext, input: unknown) => {
    await effect(`node: ${name}`);
    return `${name}: ${JSON.stringify(input)}`;
  };
  return Object.defineProperty(turn, "name", { value: name });
}
