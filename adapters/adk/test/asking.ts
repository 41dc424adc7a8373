// A workflow that asks in the middle, and is answered in its next turn: both turns are parts of one run.
import {
  type Event,
  getPendingUserInputRequests,
  type LlmAgent,
  type NodeContext,
  node,
  RequestInput,
  Workflow,
} from "@google/adk";
import type { InputOf } from "@holdfast/core";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** How the one that asks runs: once more with the answer, not again, or once more within another node. */
type Asks = "again" | "once" | "within";

/** @param onAsked told the id of the question, in every process */
export function askedAndAnswered(
  asks: Asks,
  onAsked: (runId: string, interruptId: string) => void = () => {},
): Scenario {
  return {
    name: `asked and answered, ${asks}`,
    run({ runtime, runId, effect }) {
      const twoTurns = async () => {
        const say = (input: InputOf<LlmAgent>, turn: string) =>
          runtime.run(asking(effect, asks), input, {
            sessionId: "s",
            durable: { runId: turn },
          });
        const { events } = await say("Go.", "first");
        return (
          await say(
            answerTo(events, (id) => onAsked(runId, id)),
            "second",
          )
        ).output;
      };
      return runtime.run(twoTurns, undefined, { durable: { runId } });
    },
  };
}

function asking(effect: Effect, asks: Asks): Workflow {
  async function* ask(context: NodeContext) {
    const [given] = Object.values(context.resumeInputs ?? {});
    if (given === undefined) yield new RequestInput({ message: "How many?" });
    else yield { given };
  }
  const prepare = async () => {
    await effect("prepare");
    return "prepared";
  };
  const conclude = async (_: NodeContext, input: unknown) => {
    await effect("conclude");
    return JSON.stringify(input);
  };
  const asking = node(ask, { name: "ask", rerunOnResume: asks !== "once" });
  const within = async (context: NodeContext) => (await context.runNode(asking)).output;
  const middle = asks === "within" ? node(within, { name: "within", rerunOnResume: true }) : asking;
  return new Workflow({ name: "flow", edges: [["START", prepare, middle, conclude]] });
}

function answerTo(events: readonly Event[], onAsked: (id: string) => void) {
  const [asked] = getPendingUserInputRequests([...events]);
  const { interruptId: id, functionCallName: name } = asked!;
  onAsked(id);
  return { parts: [{ functionResponse: { id, name, response: { result: 3 } } }] };
}
