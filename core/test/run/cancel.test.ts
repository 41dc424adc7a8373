import { describe, expect, it } from "vitest";
import { currentStep, step, waitForApproval } from "../../src/index.ts";
import { triedAgain, waitKey } from "../../src/run/index.ts";
import { runCancelled } from "../../src/run/run-end.ts";
import type { Wait } from "../../src/store/index.ts";
import { attempts, codec, heldBody } from "./attempts.ts";

const at = attempts();

function cancel(reason?: string, author?: string): Promise<void> {
  return at.say({
    key: "cancel",
    kind: "cancel",
    ...(reason === undefined ? {} : { value: codec.encode(reason).text }),
    ...(author === undefined ? {} : { author }),
  });
}

async function tryAgain(): Promise<void> {
  const said = await at.store.said(at.runId);
  await (await at.store.takeOver(at.runId)).append(triedAgain(undefined, said)).durable;
}

const unexecuted = async () => expect.fail("It was executed.");

async function ended(): Promise<unknown> {
  const { entry, value } = (await at.journal()).at(-1)!;
  return { entry, value: value && codec.decode(value) };
}

describe("a run that is cancelled", () => {
  it("tells its bodies, returns nothing more, and says why it ended and who wanted it", async () => {
    const told: unknown[] = [];
    const body = heldBody<string>();
    let returned = false;
    const running = at.attempt(async () => {
      await step("long", () => {
        const { signal } = currentStep();
        signal.addEventListener("abort", () => told.push(signal.reason));
        return body.body();
      });
      returned = true;
    });
    await body.begun;
    await cancel("no longer needed", "ana");
    expect(await running).toEqual({ is: "over" });
    const message = "The run was cancelled by ana: no longer needed";
    expect(told).toMatchObject([{ name: "AbortError", message }]);
    expect(at.state).toEqual({ status: "cancelled", release: true });
    const value = { reason: "no longer needed", by: "ana" };
    expect(await ended()).toEqual({ entry: "run cancelled", value });
    const entries = await at.entries();
    body.end("late");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await at.entries()).toEqual(entries);
    expect(returned).toBe(false);
  });

  it("is not executed if that was said before, though it waits for somebody or is paused", async () => {
    await at.attempt(() => waitForApproval("refund"), { hotMs: 0 });
    await at.say({ key: "pause/1", kind: "pause" });
    await cancel();
    expect(await at.attempt(unexecuted)).toEqual({ is: "over" });
    expect(await ended()).toEqual({ entry: "run cancelled", value: {} });
    expect(await at.store.waits(at.runId)).toEqual([]);
  });

  it("has its steps that may run only once on record as begun, and as nothing else", async () => {
    const body = heldBody<string>();
    const running = at.attempt(() => step("pay", body.body, { inDoubt: "once" }));
    await body.begun;
    await cancel();
    await running;
    expect(await at.entries()).toEqual(["attempt", "started", "run cancelled"]);
  });

  it("does not wait for what is under way, as it would if it were paused or handed over", async () => {
    const drain = new AbortController();
    const body = heldBody<string>();
    const running = at.attempt(() => step("long", body.body), { drain: drain.signal });
    await body.begun;
    drain.abort();
    await at.say({ key: "pause/1", kind: "pause" });
    await cancel();
    expect(await running).toEqual({ is: "over" });
    expect(at.state).toMatchObject({ status: "cancelled" });
  });

  it("takes up nothing more, though it was answered in the same moment", async () => {
    const letGo = new AbortController();
    const body = heldBody<string>();
    const program = () => step("pay", body.body, { inDoubt: "once" });
    const lost = at.attempt(program, { signal: letGo.signal });
    await body.begun;
    letGo.abort();
    expect(await lost).toEqual({ is: "lost" });
    const running = at.attempt(program);
    await expect.poll(async () => (await at.store.waits(at.runId)).length).toBe(1);
    const [{ seq }] = (await at.store.waits(at.runId)) as [Wait];
    const retry = { key: waitKey(seq), kind: "decision", value: '{"is":"retry"}' };
    await at.say(retry, { key: "cancel", kind: "cancel" });
    expect(await running).toEqual({ is: "over" });
    expect((await at.entries()).slice(-2)).toEqual(["in doubt", "run cancelled"]);
    expect(body.times).toBe(1);
  });

  it("is over for whoever takes it up, though its process died before it could set the status", async () => {
    const writer = await at.store.takeOver(at.runId);
    await writer.append({ entry: "run cancelled", value: { text: "{}" } }).durable;
    expect(await at.attempt(unexecuted)).toEqual({ is: "over" });
    expect(at.state).toEqual({ status: "cancelled", release: true });
  });
});

describe("a run that ends by itself when somebody cancels it", () => {
  it("is completed, if its end is on its way to the journal", async () => {
    let cancelled: Promise<void> | undefined;
    const onAppend = ({ entry }: { readonly entry: string }) => {
      if (entry === "run completed") cancelled = cancel();
    };
    expect(await at.attempt(async () => "done", { onAppend })).toMatchObject({ is: "completed" });
    await cancelled;
    expect((await at.entries()).at(-1)).toBe("run completed");
    expect(await at.attempt(unexecuted)).toEqual({ is: "over" });
    expect(at.state).toMatchObject({ status: "completed" });
  });

  it("goes on if it had failed by then, and is tried again", async () => {
    const onAppend = ({ entry }: { readonly entry: string }) => {
      if (entry === "run failed") void cancel();
    };
    const fails = async () => Promise.reject(new Error("no"));
    expect(await at.attempt(fails, { onAppend })).toMatchObject({ is: "failed" });
    await tryAgain();
    expect(await at.attempt(async () => "done")).toMatchObject({ is: "completed" });
  });

  it("is cancelled if that is said after it was let go on", async () => {
    expect(await at.attempt(() => Promise.reject(new Error("no")))).toMatchObject({ is: "failed" });
    await tryAgain();
    await cancel();
    expect(await at.attempt(unexecuted)).toEqual({ is: "over" });
    expect(at.state).toMatchObject({ status: "cancelled" });
  });
});

it("whoever asks for the end of a cancelled run is told why it was and by whom", () => {
  const error = runCancelled("r", { reason: "no longer needed", by: "ana" });
  expect(error).toMatchObject({
    code: "RUN_CANCELLED",
    details: { runId: "r", reason: "no longer needed", by: "ana" },
  });
  expect(error.message).toContain("Run r was cancelled by ana: no longer needed");
  expect(runCancelled("r", {}).message).toContain("Run r was cancelled.");
});
