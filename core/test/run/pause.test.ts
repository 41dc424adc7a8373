import { expect, it } from "vitest";
import { askOrLeave } from "../../src/adapter/index.ts";
import { step, waitForApproval, waitForSignal } from "../../src/index.ts";
import type { RunContext } from "../../src/run/index.ts";
import type { Why } from "../../src/run/why.ts";
import { attempts, codec, heldBody } from "./attempts.ts";

const at = attempts();

const pause = (by?: string) => order("pause", by);
const resume = () => order("resume");
function order(kind: string, author?: string): Promise<void> {
  const key = `${kind}/${crypto.randomUUID()}`;
  return at.say({ key, kind, ...(author === undefined ? {} : { author }) });
}

const unexecuted = async () => expect.fail("It was executed.");

it("a run that is paused ends what is under way, begins nothing else, and waits for nobody else", async () => {
  const first = heldBody<string>();
  let seconds = 0;
  const program = async () => [
    await step("first", first.body),
    await step("second", async () => ++seconds),
  ];
  const paused = at.attempt(program);
  await first.begun;
  await pause("ana");
  first.end("one");
  const why = { reason: "paused", by: "ana", since: expect.any(Date) };
  expect(await paused).toEqual({ is: "waiting", why, heardUpTo: 1 });
  const { why: stored, ...state } = at.state!;
  expect(state).toEqual({ status: "waiting", blocked: "paused", heardUpTo: 1, release: true });
  expect(codec.decode(stored!) as Why).toEqual(why);
  expect(await at.entries()).toEqual(["attempt", "started", "finished"]);
  await resume();
  expect(await at.attempt(program)).toEqual({ is: "completed", output: ["one", 1] });
  expect(first.times).toBe(1);
});

it("is not executed while it is paused, and what is said to it is kept", async () => {
  const program = async () => [
    (await waitForApproval("refund")).approved,
    await waitForSignal("go"),
  ];
  expect(await at.attempt(program, { hotMs: 0 })).toMatchObject({ why: { reason: "wait" } });
  await pause();
  await at.approve();
  await at.say({ key: "signal/1", kind: "signal", name: "go", value: '"gone"' });
  const why = { reason: "paused", since: expect.any(Date) };
  expect(await at.attempt(unexecuted)).toEqual({ is: "waiting", why, heardUpTo: 3 });
  expect(at.state).toMatchObject({ blocked: "paused", heardUpTo: 3 });
  expect((await at.entries()).filter((entry) => entry === "attempt").length).toBe(1);
  await resume();
  expect(await at.attempt(program)).toMatchObject({ is: "completed", output: [true, "gone"] });
});

it("of pausing and going on the last counts", async () => {
  await pause("ana");
  await resume();
  await pause("ben");
  await pause("cleo");
  expect(await at.attempt(unexecuted)).toMatchObject({ why: { reason: "paused", by: "ben" } });
  await resume();
  expect(await at.attempt(async () => 1)).toMatchObject({ is: "completed" });
});

it("goes on at once if that is said before what is under way has ended", async () => {
  const first = heldBody<string>();
  const program = async () => [
    await step("first", first.body),
    await step("second", async () => 2),
  ];
  const paused = at.attempt(program);
  await first.begun;
  await pause();
  await resume();
  first.end("one");
  expect(await paused).toEqual({ is: "again" });
  expect(at.state).toEqual({ status: "queued", release: true });
  expect(await at.attempt(program)).toMatchObject({ output: ["one", 2] });
});

it("a decision that comes while what is under way ends is for the next attempt", async () => {
  const beside = heldBody<string>();
  const program = () =>
    Promise.all([waitForApproval("refund").then(() => "yes"), step("beside", beside.body)]);
  const paused = at.attempt(program);
  await beside.begun;
  await expect.poll(async () => (await at.store.waits(at.runId)).length).toBe(1);
  await pause();
  await at.approve();
  beside.end("beside");
  expect(await paused).toMatchObject({ is: "waiting", heardUpTo: 2 });
  await resume();
  expect(await at.attempt(program)).toMatchObject({ output: ["yes", "beside"] });
});

it("is paused, too, if its framework leaves it to wait meanwhile", async () => {
  const beside = heldBody<string>();
  const program = async (run: RunContext) => {
    const working = step("beside", beside.body);
    const answer = await askOrLeave(run, { kind: "approval", name: "refund" });
    return answer && [answer.kind, await working];
  };
  const paused = at.attempt(program, { leaves: true });
  await beside.begun;
  await pause();
  beside.end("beside");
  expect(await paused).toMatchObject({ is: "waiting", why: { reason: "paused" } });
  await at.approve();
  await resume();
  const gone = await at.attempt(program, { leaves: true });
  expect(gone).toMatchObject({ is: "completed", output: ["decision", "beside"] });
});

it("is paused at once where nothing does anything but wait", async () => {
  const paused = at.attempt(() => waitForApproval("refund"));
  await expect.poll(async () => (await at.store.waits(at.runId)).length).toBe(1);
  await pause();
  expect(await paused).toMatchObject({ is: "waiting", why: { reason: "paused" } });
  expect((await at.store.waits(at.runId)).length).toBe(1);
});

it("what else it waits for is said with what was heard, and what is wrong in a word", async () => {
  await at.say({ key: "signal/1", kind: "signal", name: "other" });
  await at.attempt(() => waitForApproval("refund"), { hotMs: 0 });
  expect(at.state).toMatchObject({ status: "waiting", heardUpTo: 1 });
  expect(at.state).not.toHaveProperty("blocked");
  await at.approve();
  const unreadable = async (run: RunContext) => run.read("not a value");
  expect(await at.attempt(unreadable)).toMatchObject({ is: "unreadable" });
  expect(at.state).toMatchObject({ status: "waiting", heardUpTo: 2, blocked: "unreadable" });
});
