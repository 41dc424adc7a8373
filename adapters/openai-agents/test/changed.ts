// Agents that are not what they were when their run was begun: each process after the first has changed
// ones, or has them first. Also a run that its caller aborts.
import { Agent } from "@openai/agents";
import type {
  CrashProcess,
  Scenario as CrashScenario,
} from "../../../conformance/src/crash/index.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect, Notes } from "./scenarios/scenario.ts";

class OtherModel extends FakeModel {}

/** Every call has another prompt, every process but the first another model. That is noted, and all. */
export const otherPrompts: CrashScenario = {
  name: "other prompts, another model",
  unwanted: ["reordered", "diverged", "escaped", "lossy"],
  async run({ runtime, runId, nth, effect }) {
    let count = 0;
    const app = desk(effect, { model: nth === 1 ? FakeModel : OtherModel });
    app.instructions = () => `This is prompt ${nth}.${++count}.`;
    return plain(await runtime.run(app, "Go.", optionsOf(runId)));
  },
};

const LOST = ["a tool", "a handoff", "an agent as a tool"] as const;

/** Every process but the first has lost it, and then is given the code that has it. */
export const losses: readonly CrashScenario[] = LOST.map((lost) => ({
  name: `${lost} is gone`,
  unwanted: ["drift", "reordered", "escaped", "lossy"],
  async run(process) {
    const { runtime, runId, nth, effect } = process;
    if (nth > 1) await runLost(process, lost);
    return plain(await runtime.run(desk(effect), "Go.", optionsOf(runId)));
  },
}));

/** It waits for code that has what is gone, or has failed as it would for the SDK. */
async function runLost(
  { runtime, runId, effect }: CrashProcess,
  lost: (typeof LOST)[number],
): Promise<void> {
  try {
    await runtime.run(desk(effect, { lost }), "Go.", optionsOf(runId));
  } catch (error) {
    const { name, code } = error as Error & { readonly code?: string };
    if (code === "RUN_DIVERGED") return;
    if (name !== "ModelBehaviorError") throw error;
    const { status } = await runtime.handle(runId).status();
    // One that was over before is over still.
    if (status === "failed") await runtime.handle(runId).retry();
  }
}

const LAST = "tool: look there";

/** Its caller aborts it in its last tool, once, and goes on with it. The SDK lets the tool come to its end. */
export const aborted: CrashScenario = {
  name: "aborted",
  async run({ runtime, runId, effect, happened }) {
    const go = async (isAborting: boolean) => {
      const abort = new AbortController();
      const during = async (name: string) => {
        await effect(name);
        if (isAborting && name === LAST) abort.abort();
      };
      const options = { ...optionsOf(runId), signal: abort.signal };
      return plain(await runtime.run(desk(during), "Go.", options));
    };
    try {
      return await go(!happened(LAST));
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
      await runtime.handle(runId).retry();
      return go(false);
    }
  },
};

const optionsOf = (runId: string) => ({ context: { notes: {} }, durable: { runId } });

interface Changes {
  readonly model?: typeof FakeModel;
  readonly lost?: (typeof LOST)[number];
}

/** Looks, asks an agent that looks, hands off to one that looks. */
export function desk(effect: Effect, { model = FakeModel, lost }: Changes = {}): Agent<Notes> {
  const look = (q: string, id: string) => [{ name: "look", args: { q }, id }];
  const agent = (name: string, q: string) =>
    new Agent<Notes>({
      name,
      model: new model(effect, name, (request) =>
        results(request).has(name) ? `${name} has looked` : look(q, name),
      ),
      tools: [fakeTool(effect, "look")],
    });
  const back = agent("Back", "there");
  const helper = agent("Helper", "near");
  const ask = helper.asTool({ toolName: "ask", toolDescription: "Asks." });
  const CALLS = [
    look("here", "desk_1"),
    [{ name: "ask", args: { input: "?" }, id: "desk_2" }],
    [{ name: "transfer_to_Back", args: {}, id: "desk_3" }],
  ];
  return new Agent<Notes>({
    name: "Desk",
    model: new model(effect, "Desk", (request) => CALLS[results(request).size]!),
    tools: [
      ...(lost === "a tool" ? [] : [fakeTool(effect, "look")]),
      ...(lost === "an agent as a tool" ? [] : [ask]),
    ],
    handoffs: lost === "a handoff" ? [] : [back],
  });
}
