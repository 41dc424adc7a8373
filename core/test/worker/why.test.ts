// Every run that does not move says why.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { type RunHandle, step, waitForApproval } from "../../src/index.ts";
import { heldBody } from "../run/attempts.ts";
import { processes } from "../runtime/processes.ts";

const { start, die } = processes();
const why = (run: RunHandle) => expect.poll(async () => (await run.status()).why);

it("a run that waits says for what within a moment, though it stays in memory, and that it runs when it does", async () => {
  const body = heldBody<string>();
  let executions = 0;
  await start({ hotPeriod: 60_000 }).serve({
    app: async () => {
      executions += 1;
      await waitForApproval("go");
      return step("slow", body.body);
    },
  });
  const client = start();
  const run = await client.start("app", null);
  await why(run).toMatchObject({ reason: "wait", waits: [{ kind: "approval", name: "go" }] });
  expect(await client.runs.list({ status: "waiting" })).toMatchObject([{ id: run.id }]);
  await run.approve();
  await body.begun;
  await expect.poll(async () => (await run.status()).status).toBe("running");
  expect((await run.status()).why).toBeUndefined();
  body.end("done");
  expect(await run.result()).toBe("done");
  expect(executions).toBe(1);
});

it("a run for which there is no room says so after a second, and whose turn it is", async () => {
  const body = heldBody<string>();
  await start().serve({ app: async () => step("slow", body.body) }, { concurrency: 1 });
  const client = start();
  await client.start("app", 1);
  await body.begun;
  const second = await client.start("app", 2);
  expect((await second.status()).why).toBeUndefined();
  await sleep(1_000);
  expect(await second.status()).toMatchObject({
    status: "queued",
    why: { reason: "busy", app: "app", queue: "default", workers: 1 },
    sentence: expect.stringContaining("raise the concurrency"),
  });
  body.end("done");
  expect(await second.result()).toBe("done");
});

it("a run whose worker died says so, whether it ran or waited", async () => {
  const body = heldBody<string>();
  await start({ hotPeriod: 60_000 }).serve({
    runs: async () => step("slow", body.body),
    waits: async () => waitForApproval("go"),
  });
  const client = start();
  const [runs, waits] = [await client.start("runs", null), await client.start("waits", null)];
  await body.begun;
  await why(waits).toMatchObject({ reason: "wait" });
  die();
  const looking = start();
  for (const { id } of [runs, waits]) {
    expect((await looking.handle(id).status()).why).toMatchObject({ reason: "dead worker" });
  }
});

it("a run that was answered and has no worker says that it has none", async () => {
  const gone = start();
  await gone.serve({ app: async () => (await waitForApproval("go")).approved });
  const run = await start().start("app", null);
  await why(run).toMatchObject({ reason: "wait" });
  await gone.close();
  expect((await run.status()).why).toMatchObject({ reason: "wait" });
  await run.approve();
  expect((await run.status()).why).toMatchObject({ reason: "no worker" });
});

it("a run that cannot be worked on says what is wrong and when it is tried again", async () => {
  const runtime = start();
  let rebuilt = 0;
  const options = () => {
    rebuilt += 1;
    throw new Error("The vault is sealed.");
  };
  await runtime.serve({ app: { app: async () => 1, options } });
  const run = await start().start("app", null);
  const asked = Date.now();
  await why(run).toMatchObject({ reason: "back-off" });
  const { until } = (await run.status()).why as { until: Date };
  expect(until.getTime() - asked).toBeGreaterThan(500);
  expect(until.getTime() - asked).toBeLessThan(2_000);
  await expect.poll(() => rebuilt, { timeout: 4_000 }).toBe(2);
});

it("a run whose code contradicts its journal waits for a worker with other code", async () => {
  const app = (input: number) => async () => {
    await step("first", async () => 1, { input });
    return step("second", async () => waitForApproval("go"));
  };
  const gone = start();
  await gone.serve({ app: app(1) });
  const run = await start().start("app", null);
  await why(run).toMatchObject({ reason: "wait" });
  await gone.close();
  await run.approve();
  const changed = await start().serve({ app: app(2) });
  await expect
    .poll(async () => (await run.status()).why, { timeout: 8_000 })
    .toMatchObject({ reason: "divergence" });
  await changed.drain();
  await start().serve({ app: app(1) });
  expect(await run.result()).toMatchObject({ approved: true });
});
