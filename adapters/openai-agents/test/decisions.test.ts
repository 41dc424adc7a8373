// Approvals in the SDK's own way: decided on a state, given back to the run in any process.
import {
  Agent,
  type Computer,
  computerTool,
  hostedMcpTool,
  RunState,
  shellTool,
  toolNamespace,
} from "@openai/agents";
import { describe, expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import { approvals } from "./scenarios/approvals.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import { runBare, WHY_REJECTED } from "./scenarios/run-bare.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, die, effect, effects, steps } = processes();
const durable = { runId: "r" };
const options = () => ({ context: { notes: {} }, durable });

test("each pause goes on where it was decided, as bare, through the text of its state", async () => {
  const bareEffects: string[] = [];
  const expected = await runBare(approvals, async (name) => void bareEffects.push(name));
  const built = approvals.build(effect);
  let result = await next().run(built.app, built.input, { ...built.options, durable });
  const turns = [{ events: [], ...plain(result as never) }];
  for (const decisions of approvals.answers ?? []) {
    const text = result.state.toString();
    const { app, options: own } = approvals.build(effect);
    const state = await RunState.fromString(app, text);
    for (const item of state.getInterruptions()) {
      const id = "callId" in item.rawItem ? item.rawItem.callId : "";
      if (decisions[id] === "approve") state.approve(item);
      else state.reject(item, { message: WHY_REJECTED });
    }
    result = await next().run(app, state, { ...own, durable });
    turns.push({ events: [], ...plain(result as never) });
  }
  expect(turns).toEqual(expected);
  expect([...effects].sort()).toEqual(bareEffects.sort());
});

/** Removes one after the other, as often as it is let to. */
function remover(): Agent<Notes> {
  const model = new FakeModel(effect, "clerk", (request) => {
    const seen = results(request);
    if (seen.size === 3) return JSON.stringify([...seen.values()]);
    return [{ name: "remove", args: { q: `${seen.size}` }, id: `c${seen.size}` }];
  });
  return new Agent<Notes>({
    name: "Clerk",
    model,
    tools: [fakeTool(effect, "remove", { needsApproval: true })],
  });
}

describe("a decision", () => {
  test("that is to hold for later calls holds in every process", async () => {
    const { state, interruptions } = await next().run(remover(), "Go.", options());
    state.approve(interruptions[0]!, { alwaysApprove: true });
    const { finalOutput } = await next().run(remover(), state, options());
    expect(finalOutput).toMatch(/remove did 0.*remove did 1.*remove did 2/);
    expect((await next().run(remover(), "Go.", options())).finalOutput).toBe(finalOutput);
    expect(effects.filter((name) => name.startsWith("tool"))).toHaveLength(3);
  });

  test("against a call comes with what the model is to be told, for good if it says so", async () => {
    const { state, interruptions } = await next().run(remover(), "Go.", options());
    state.reject(interruptions[0]!, { alwaysReject: true, message: "never" });
    const { finalOutput } = await next().run(remover(), state, options());
    expect(finalOutput?.match(/never/g)).toHaveLength(3);
    expect(effects.filter((name) => name.startsWith("tool"))).toEqual([]);
  });

  test("given again after a crash gets what came of it; another one is refused", async () => {
    const app = (body?: () => Promise<never>) =>
      agentThatCalls(
        effect,
        [{ name: "remove", args: { q: "x" }, id: "c1" }],
        [fakeTool(body ?? effect, "remove", { needsApproval: true })],
      );
    const { state, interruptions } = await next().run(app(), "Go.", options());
    const text = state.toString();
    state.approve(interruptions[0]!);
    const { body, reached } = deadly();
    void next()
      .run(app(body), state, options())
      .catch(() => {});
    await reached;
    die();
    const again = next().run(app(), state, options());
    // The call was approved, so it is not made again unasked.
    const handle = next().handle("r");
    await expect
      .poll(async () => (await handle.waits()).map(({ kind }) => kind))
      .toEqual(["doubt"]);
    await handle.settle((await handle.steps()).find(({ kind }) => kind === "tool")!.id, {
      result: "removed by hand",
    });
    expect((await again).finalOutput).toContain("removed by hand");
    expect(effects.filter((name) => name.startsWith("tool"))).toEqual([]);
    const other = await RunState.fromString(app(), text);
    other.reject(other.getInterruptions()[0]!);
    const refused = next().run(app(), other, options());
    await expect(refused).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  });

  test("needs to know which run it is for", async () => {
    const { state, interruptions } = await next().run(remover(), "Go.", options());
    state.approve(interruptions[0]!);
    const lost = next().run(remover(), state, { context: { notes: {} } });
    await expect(lost).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  });
});

describe("a tool of a namespace", () => {
  const app = (inside?: () => Promise<never>) => {
    const remove = fakeTool(inside ?? effect, "remove", { needsApproval: true });
    const tools = toolNamespace({ name: "disk", description: "The disk.", tools: [remove] });
    const call = {
      type: "function_call",
      id: "fc_1",
      callId: "c1",
      name: "remove",
      namespace: "disk",
      arguments: '{"q":"logs"}',
      status: "completed",
    } as const;
    return agentThatCalls(effect, { items: [call] }, tools);
  };

  test("is approved on a state", async () => {
    const { state, interruptions } = await next().run(app(), "Go.", options());
    state.approve(interruptions[0]!);
    const { finalOutput } = await next().run(app(), state, options());
    expect(finalOutput).toContain("remove did logs");
  });

  test("is called with the arguments that were given instead", async () => {
    await next().run(app(), "Go.", options());
    await next()
      .handle("r")
      .approve(undefined, { args: { q: "old logs" } });
    const { finalOutput } = await next().run(app(), "Go.", options());
    expect(finalOutput).toContain("remove did old logs");
  });

  test("is not called again unasked where the process died in the call that was approved", async () => {
    await next().run(app(), "Go.", options());
    const handle = next().handle("r");
    await handle.approve();
    const { body, reached } = deadly();
    void next()
      .run(app(body), "Go.", options())
      .catch(() => {});
    await reached;
    die();
    const again = next().run(app(), "Go.", options());
    await expect
      .poll(async () => (await handle.waits()).map(({ kind }) => kind))
      .toEqual(["doubt"]);
    const step = (await handle.steps()).find(({ kind }) => kind === "tool")!;
    await handle.settle(step.id, { result: "removed by hand" });
    expect((await again).finalOutput).toContain("removed by hand");
    expect(effects.filter((name) => name.startsWith("tool"))).toEqual([]);
  });
});

/** A hosted tool that waits for approval, or is approved by the user's own code. */
function hosted(onApproval?: () => Promise<{ approve: boolean }>): () => Agent<Notes> {
  const asked = {
    type: "hosted_tool_call",
    id: "mcpr_1",
    name: "mcp_approval_request",
    status: "in_progress",
    arguments: '{"path":"/"}',
    providerData: {
      type: "mcp_approval_request",
      id: "mcpr_1",
      name: "wipe",
      server_label: "disk",
      arguments: '{"path":"/"}',
    },
  } as const;
  return () =>
    new Agent<Notes>({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", ({ input }) =>
        JSON.stringify(input).includes("mcp_approval_response")
          ? `told: ${/"approve":(\w+)/.exec(JSON.stringify(input))?.[1]}`
          : { items: [asked] },
      ),
      tools: [
        hostedMcpTool({
          serverLabel: "disk",
          serverUrl: "http://127.0.0.1:1",
          requireApproval: "always",
          ...(onApproval === undefined ? {} : { onApproval }),
        }),
      ],
    });
}

test("a hosted tool is approved as any other", async () => {
  const app = hosted();
  const { interruptions } = await next().run(app(), "Go.", options());
  expect(interruptions).toHaveLength(1);
  expect(await next().handle("r").waits()).toMatchObject([
    { kind: "approval", name: "wipe", asked: { path: "/" } },
  ]);
  await next().handle("r").approve();
  const { finalOutput } = await next().run(app(), "Go.", options());
  expect(finalOutput).toBe("told: true");
  expect(effects).toHaveLength(2);
});

test("a hosted tool is rejected on a state as any other", async () => {
  const { state, interruptions } = await next().run(hosted()(), "Go.", options());
  state.reject(interruptions[0]!);
  const { finalOutput } = await next().run(hosted()(), state, options());
  expect(finalOutput).toBe("told: false");
});

describe("code of the user's that decides is asked once, and holds in every process:", () => {
  test("of a hosted tool", async () => {
    let asked = 0;
    const app = hosted(async () => ({ approve: ++asked === 1 }));
    for (const _ of [1, 2]) {
      expect((await next().run(app(), "Go.", options())).finalOutput).toBe("told: true");
    }
    expect(asked).toBe(1);
  });

  test("of a computer, that is made for the run", async () => {
    let asked = 0;
    const click = {
      type: "computer_call",
      id: "cu_1",
      callId: "c1",
      status: "completed",
      action: { type: "click", x: 1, y: 2, button: "left" },
      providerData: { pending_safety_checks: [{ id: "check_1", code: "odd", message: "Sure?" }] },
    } as const;
    const computer = { environment: "browser", dimensions: [9, 9] } as unknown as Computer;
    const nothing = async () => {};
    const methods = ["doubleClick", "drag", "keypress", "move", "scroll", "type", "wait"];
    for (const name of methods) Object.assign(computer, { [name]: nothing });
    Object.assign(computer, { click: () => effect("click"), screenshot: async () => "pixels" });
    const app = () =>
      new Agent<Notes>({
        name: "Clerk",
        model: new FakeModel(effect, "clerk", ({ input }) =>
          JSON.stringify(input).includes("computer_call_result")
            ? `clicked: ${JSON.stringify(input).includes("check_1")}`
            : { items: [click] },
        ),
        tools: [
          computerTool({
            computer: { create: async () => computer },
            onSafetyCheck: async () => ++asked === 1,
          }),
        ],
      });
    for (const _ of [1, 2]) {
      expect((await next().run(app(), "Go.", options())).finalOutput).toBe("clicked: true");
    }
    expect(asked).toBe(1);
    expect(effects.filter((name) => name === "click")).toHaveLength(1);
  });
});

describe("a shell", () => {
  const app = (needsApproval: boolean, inside: () => Promise<void> = async () => {}) =>
    new Agent<Notes>({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", ({ input }) =>
        JSON.stringify(input).includes("shell_call_output")
          ? `saw ${/"stdout":"(\w*)","stderr":"([^"]*)"/.exec(JSON.stringify(input))?.slice(1)}`
          : {
              items: [
                {
                  type: "shell_call",
                  id: "sh_1",
                  callId: "c1",
                  status: "completed",
                  action: { commands: ["rm a"] },
                },
              ],
            },
      ),
      tools: [
        shellTool({
          needsApproval,
          shell: {
            async run() {
              await effect("shell");
              await inside();
              const outcome = { type: "exit", exitCode: 0 } as const;
              return { output: [{ stdout: "ok", stderr: "", outcome }] };
            },
          },
        }),
      ],
    });

  test("waits for approval of what it is to do, and does not do it again unasked", async () => {
    await next().run(app(true), "Go.", options());
    expect(await next().handle("r").waits()).toMatchObject([
      { kind: "approval", name: "shell", asked: { commands: ["rm a"] } },
    ]);
    await next().handle("r").approve();
    const { body, reached } = deadly();
    void next()
      .run(app(true, body), "Go.", options())
      .catch(() => {});
    await reached;
    die();
    const again = next().run(app(true), "Go.", options());
    const handle = next().handle("r");
    await expect
      .poll(async () => (await handle.waits()).map(({ kind }) => kind))
      .toEqual(["doubt"]);
    const step = (await handle.steps()).find(({ kind }) => kind === "tool")!;
    await handle.settle(step.id, "retry");
    expect((await again).finalOutput).toBe("saw ok,");
    expect(effects.filter((name) => name === "shell")).toHaveLength(2);
  });

  test("is approved by policy, without a word of it in the agent", async () => {
    const approve = { tools: ["shell"] };
    const running = next().run(app(false), "Go.", {
      ...options(),
      durable: { ...durable, approve },
    });
    const handle = next().handle("r");
    await expect.poll(async () => (await handle.waits()).length).toBe(1);
    await handle.reject(undefined, { note: "not today" });
    expect((await running).finalOutput).toBe("saw ,not today");
    expect(await steps()).not.toContain("tool shell in /turn 1");
  });
});
