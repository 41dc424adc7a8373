// Calls of tools that a person has to approve: stopped for in one process, decided and made in others.
import { type Agent, tool } from "@openai/agents";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { agentThatCalls } from "./agent-that-calls.ts";
import { processes } from "./processes.ts";
import { approvals } from "./scenarios/approvals.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import { runBare, WHY_REJECTED } from "./scenarios/run-bare.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, effect, effects, waitFor } = processes();
const durable = { runId: "r" };

async function runApprovals() {
  const { app, input, options } = approvals.build(effect);
  return plain(await next().run(app, input, { ...options, durable }));
}

test("each pause is returned as bare, decided in one process and gone on from in another", async () => {
  const bareEffects: string[] = [];
  const expected = await runBare(approvals, async (name) => void bareEffects.push(name));
  const turns: unknown[] = [await runApprovals()];
  expect(await runApprovals()).toEqual(turns[0]);
  for (const [q, verdict] of [
    ["logs", "approve"],
    ["home", "reject"],
    ["cache", "approve"],
  ] as const) {
    const { handle, wait } = await waitFor(q);
    const note = verdict === "reject" ? { note: WHY_REJECTED } : {};
    await handle[verdict](wait, { by: "ana", ...note });
  }
  turns.push(await runApprovals());
  const { handle, wait } = await waitFor("old");
  await handle.approve(wait);
  turns.push(await runApprovals());
  const withoutEvents = expected.map((turn) => {
    const { events: _, ...rest } = turn as { readonly events: unknown };
    return rest;
  });
  expect(turns).toEqual(withoutEvents);
  expect(await runApprovals()).toEqual(turns.at(-1));
  expect([...effects].sort()).toEqual(bareEffects.sort());
});

test("what is approved first is done first, and the others are waited for", async () => {
  await runApprovals();
  const cache = await waitFor("cache");
  await cache.handle.approve(cache.wait);
  const partly = await runApprovals();
  expect(effects).toContain("tool: remove cache");
  expect(partly.waiting.map((line) => line.slice(-14))).toEqual([
    '({"q":"logs"})',
    '({"q":"home"})',
  ]);
  for (const q of ["home", "logs"]) {
    const { handle, wait } = await waitFor(q);
    await handle.reject(wait, { note: `keep ${q}` });
  }
  const { items } = await runApprovals();
  expect(items.find((line) => line.includes("[admin_3]") && line.includes("output"))).toContain(
    "keep home",
  );
  expect(effects.filter((name) => name === "tool: remove cache")).toHaveLength(1);
  expect(effects.filter((name) => name === "model: cleaner (3)")).toHaveLength(1);
});

function oneCall(options: { readonly needsApproval?: boolean } = {}): Agent<Notes> {
  return agentThatCalls(
    effect,
    [{ name: "remove", args: { q: "logs" }, id: "c1" }],
    [fakeTool(effect, "remove", options)],
  );
}

const options = () => ({ context: { notes: {} }, durable });

test("a call is made with the arguments that the person who approved it gave instead", async () => {
  await next().run(oneCall({ needsApproval: true }), "Go.", options());
  await next()
    .handle("r")
    .approve(undefined, { args: { q: "old logs" } });
  const { finalOutput } = await next().run(oneCall({ needsApproval: true }), "Go.", options());
  expect(effects).toContain("tool: remove old logs");
  expect(finalOutput).toContain("remove did old logs");
});

test.each([true, false])(
  "arguments that are given as undefined are those of the model, where the agent's rule asked: %s",
  async (needsApproval) => {
    const approve = { tools: ["remove"] };
    const start = () => next({ approve }).run(oneCall({ needsApproval }), "Go.", options());
    const running = start();
    const { handle, wait } = await vi.waitFor(() => waitFor("logs"), { timeout: 15_000 });
    await handle.approve(wait, { args: undefined });
    await running;
    expect((await start()).finalOutput).toContain("remove did logs");
  },
);

test("a policy has calls approved without a word of it in the agent, in place", async () => {
  const policies = { approve: { tools: ["remove"] } };
  const running = next(policies).run(oneCall(), "Go.", options());
  const { handle, wait } = await vi.waitFor(() => waitFor("logs"), { timeout: 15_000 });
  await handle.reject(wait, { note: "not today" });
  expect((await running).finalOutput).toContain("not today");
  expect(effects).toEqual(["model: clerk (1)", "model: clerk (3)"]);
});

test("a call that was approved by the agent's own rule is not asked about again by policy", async () => {
  const policies = { approve: { tools: ["*"] } };
  await next(policies).run(oneCall({ needsApproval: true }), "Go.", options());
  await next().handle("r").approve();
  const again = await next(policies).run(oneCall({ needsApproval: true }), "Go.", options());
  expect(again.interruptions).toEqual([]);
});

test("a rule of the user decides on arguments as the tool's own schema reads them", async () => {
  const asked: unknown[] = [];
  const pay = tool({
    name: "pay",
    description: "Pays.",
    parameters: z.object({ amount: z.coerce.number() }),
    needsApproval: async (_, { amount }) => {
      asked.push(amount);
      return amount > 10;
    },
    execute: async ({ amount }) => `paid ${amount}`,
  });
  const app = () =>
    agentThatCalls(
      effect,
      [
        { name: "pay", args: { amount: "5" }, id: "small" },
        { name: "pay", args: { amount: "50" }, id: "large" },
      ],
      [pay],
    );
  const { interruptions } = await next().run(app(), "Go.", options());
  expect(interruptions).toHaveLength(1);
  expect(asked).toEqual([5, 50]);
});
