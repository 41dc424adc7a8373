// Agents that are not what they were when their run was begun: each process after the first has changed
// ones, or has them first. Also a run that its caller aborts.
import { equal } from "node:assert/strict";
import type { RunHandle, StepView } from "@holdfast/core";
import { Agent, Runner } from "@openai/agents";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
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

type Lost = "a tool" | "a handoff" | "an agent as a tool";

/** Every process but the first has lost it, and then is given the code that has it. */
export const losses: readonly CrashScenario[] = [
  // Where it is on record, the run waits for code that has it.
  losing("a tool", ({ kind, scope }) => kind === "tool" && scope === "/turn 1"),
  losing("a handoff", ({ kind }) => kind === "handoff"),
  // Of an agent as a tool nothing says that it was one.
  losing("an agent as a tool", () => false),
];

function losing(lost: Lost, isIt: (step: StepView) => boolean): CrashScenario {
  return {
    name: `${lost} is gone`,
    unwanted: ["drift", "reordered", "escaped", "lossy"],
    async run({ runtime, runId, nth, effect }) {
      const go = (app: Agent<Notes>) => runtime.run(app, "Go.", optionsOf(runId));
      const handle = runtime.handle(runId);
      const begun = nth > 1 && (await isMade(handle));
      if (begun) {
        const isOnRecord = (await handle.steps()).some(isIt);
        const how = await go(desk(effect, { lost })).then(() => "it returned", nameOf);
        equal(how, isOnRecord ? "RUN_DIVERGED" : "ModelBehaviorError");
        const { status } = await handle.status();
        // One that was over before is over still.
        if (status === "failed") await handle.retry();
      }
      return plain(await go(desk(effect)));
    },
  };
}

/** The code of an error of ours, the class of one of the SDK's. */
function nameOf(error: unknown): string | undefined {
  const { name, code } = error as Error & { readonly code?: string };
  return name === "HoldfastError" ? code : name;
}

async function isMade(handle: RunHandle): Promise<boolean> {
  return handle.status().then(
    () => true,
    () => false,
  );
}

export const GONE_ON = "gone on with";

/** Its caller aborts it after its last tool, and goes on with it. */
export const aborted: CrashScenario = {
  name: "aborted",
  async run({ runtime, runId, effect, happened }) {
    const go = async (isAborting: boolean) => {
      const abort = new AbortController();
      const runner = new Runner();
      runner.on("agent_tool_end", (_, { name }) => {
        if (isAborting && name === "Back") abort.abort();
      });
      const app = { agent: desk(effect), runner };
      return plain(await runtime.run(app, "Go.", { ...optionsOf(runId), signal: abort.signal }));
    };
    try {
      return await go(!happened(GONE_ON));
    } catch (error) {
      equal(nameOf(error), "AbortError");
      await runtime.handle(runId).retry();
      await effect(GONE_ON);
      return go(false);
    }
  },
};

const optionsOf = (runId: string) => ({ context: { notes: {} }, durable: { runId } });

interface Changes {
  readonly model?: typeof FakeModel;
  readonly lost?: Lost;
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
