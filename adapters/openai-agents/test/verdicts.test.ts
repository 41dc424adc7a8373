// What is taken of a state on which several calls were decided: of each call, what the SDK would do with it.
import { Agent, run as runAlone, shellTool } from "@openai/agents";
import { expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { processes } from "./processes.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Result } from "./scenarios/plain.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, effect, effects } = processes();
const context = (): Notes => ({ notes: {} });
const options = () => ({ context: context(), durable: { runId: "r" } });

type Decide = (stopped: Result) => void;

/** What was done by the time the run stops again or ends, and in how many calls that wait: of both. */
async function doneBareAndDurable(app: () => Agent<Notes>, decide: Decide): Promise<unknown[]> {
  const done = ({ interruptions }: Result) => ({
    effects: effects
      .splice(0)
      .filter((name) => !name.startsWith("model"))
      .sort(),
    waiting: interruptions.length,
  });
  const own = app();
  const alone = await runAlone(own, "Go.", { context: context() });
  decide(alone);
  const bare = done(await runAlone(own, alone.state));
  const stopped = await next().run(app(), "Go.", options());
  decide(stopped);
  return [bare, done(await next().run(app(), stopped.state, options()))];
}

/** Has two agents as tools, A and B, with a tool `remove` each that they call so often. */
function twoAgents(times = 1): Agent<Notes> {
  const hand = (name: string) => {
    const model = new FakeModel(effect, name, (request) => {
      const nth = results(request).size + 1;
      const id = `call_${name}${nth}`;
      return nth > times ? "over" : [{ name: "remove", args: { q: `${name}${nth}` }, id }];
    });
    return new Agent<Notes>({ name, model, tools: [removing()] }).asTool({
      toolName: `ask_${name}`,
      toolDescription: `Asks ${name}.`,
    });
  };
  const ask = (name: string) => ({ name: `ask_${name}`, args: { input: name }, id: name });
  return agentThatCalls(effect, [ask("A"), ask("B")], [hand("A"), hand("B")]);
}

const removing = () => fakeTool(effect, "remove", { needsApproval: true });

function twoCalls(): Agent<Notes> {
  const call = (q: string) => ({ name: "remove", args: { q }, id: q });
  return agentThatCalls(effect, [call("A"), call("B")], [removing()]);
}

function twoCommands(): Agent<Notes> {
  const call = (callId: string) => {
    const action = { commands: [callId] };
    return {
      type: "shell_call",
      id: `sh_${callId}`,
      callId,
      status: "completed",
      action,
    } as const;
  };
  const outcome = { type: "exit", exitCode: 0 } as const;
  return new Agent<Notes>({
    name: "Clerk",
    model: new FakeModel(effect, "clerk", ({ input }) =>
      JSON.stringify(input).includes("shell_call_output")
        ? "over"
        : { items: [call("A"), call("B")] },
    ),
    tools: [
      shellTool({
        needsApproval: true,
        shell: {
          async run({ commands }) {
            await effect(`tool: ${commands}`);
            return { output: [{ stdout: "ok", stderr: "", outcome }] };
          },
        },
      }),
    ],
  });
}

const REJECT: Decide = ({ state, interruptions }) =>
  state.reject(interruptions[0]!, { message: "never" });
const APPROVE_FOR_GOOD: Decide = ({ state, interruptions }) =>
  state.approve(interruptions[1]!, { alwaysApprove: true });

test.each([
  ["agents, rejected first", () => twoAgents(), [REJECT, APPROVE_FOR_GOOD]],
  ["agents, rejected last", () => twoAgents(), [APPROVE_FOR_GOOD, REJECT]],
  ["calls of one agent, rejected last", twoCalls, [APPROVE_FOR_GOOD, REJECT]],
  ["commands, rejected last", twoCommands, [APPROVE_FOR_GOOD, REJECT]],
] as const)(
  "a rejected call is not made since another one of its tool is approved for good: %s",
  async (_, app, decide) => {
    const [bare, durable] = await doneBareAndDurable(app, (stopped) => {
      for (const one of decide) one(stopped);
    });
    expect(bare).toMatchObject({ effects: [expect.stringMatching(/^tool: .*B/)], waiting: 0 });
    expect(durable).toEqual(bare);
  },
);

test("an approval for good undoes the rejections before it, of one agent, as in the SDK", async () => {
  const [bare, durable] = await doneBareAndDurable(twoCalls, (stopped) => {
    REJECT(stopped);
    APPROVE_FOR_GOOD(stopped);
  });
  expect(durable).toEqual(bare);
});

test("a call that is rejected for good leaves the one that another agent makes of its tool", async () => {
  const [bare, durable] = await doneBareAndDurable(twoAgents, ({ state, interruptions }) => {
    state.approve(interruptions[0]!);
    state.reject(interruptions[1]!, { alwaysReject: true });
  });
  expect(bare).toEqual({ effects: ["tool: remove A1"], waiting: 0 });
  expect(durable).toEqual(bare);
});

test("a call that is approved once is asked about again, whatever holds for another agent's", async () => {
  const app = () => twoAgents(2);
  const [bare, durable] = await doneBareAndDurable(app, ({ state, interruptions }) => {
    state.approve(interruptions[0]!);
    state.approve(interruptions[1]!, { alwaysApprove: true });
  });
  const done = ["tool: remove A1", "tool: remove B1", "tool: remove B2"];
  expect(bare).toEqual({ effects: done, waiting: 1 });
  expect(durable).toEqual(bare);
});
