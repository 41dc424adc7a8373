import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { realTime, type Scheduler, type StepRequest } from "../../src/journal/index.ts";
import { silentLogger } from "../../src/logger.ts";
import { type AttemptEnd, attempt, Deltas, type RunContext } from "../../src/run/index.ts";
import { memoryDatabase, openMemoryStore, type Store } from "../../src/store/index.ts";
import type { Answer } from "../../src/wait/answer.ts";
import { ask, type Question } from "../../src/wait/ask.ts";
import { waitKey } from "../../src/wait/waits.ts";
import { collect, newRun } from "../support/runs.ts";

let store: Store;
let runId: string;
beforeEach(async () => {
  store = openMemoryStore(memoryDatabase());
  runId = (await newRun(store)).runId;
});

/** Timers fire a hundred times as fast: what takes seconds takes none here. */
const hastened: Scheduler = { ...realTime, after: (ms, run) => realTime.after(ms / 100, run) };

/** One process's attempt at the run. */
async function execute(program: (run: RunContext) => Promise<unknown>): Promise<AttemptEnd> {
  return attempt({
    store,
    writer: await store.takeOver(runId),
    namespace: "test",
    codec: createCodec(),
    scheduler: hastened,
    logger: silentLogger,
    policies: {},
    adapters: [],
    deltas: new Deltas(),
    hotMs: 10_000,
    worker: { id: "w", host: "h", pid: 1 },
    signal: new AbortController().signal,
    listen: () => () => {},
    program: async (run) => ({ is: "ended", output: await program(run) }),
  });
}

const approval = (asked: string, more: Partial<Question> = {}): Question => ({
  kind: "approval",
  name: "send",
  asked,
  ...more,
});

/** Somebody decides what is open under this name. */
async function decide(value: string, name = "send"): Promise<void> {
  for (const wait of await store.waits(runId)) {
    if (wait.name !== name) continue;
    const on = { wait: wait.seq, while: "open" } as const;
    const message = { key: waitKey(wait.seq), kind: "decision", value: JSON.stringify(value) };
    await store.say(runId, { ...message, on });
  }
}

const answerTo = async (answer: Promise<Answer | undefined>) => (await answer)?.value;
const entries = async () => (await collect(store.journal(runId))).map(({ entry }) => entry);

describe("a question", () => {
  it("keeps the answer to its newest form, also when older forms were asked before", async () => {
    const asking = (asked: string) => (run: RunContext) =>
      answerTo(ask(run, approval(asked, { callId: "call 1" })));
    expect(await execute(asking("to a"))).toMatchObject({ is: "waiting" });
    expect(await execute(asking("to b"))).toMatchObject({ is: "waiting" });
    await decide("yes");
    const twice = async (run: RunContext) => {
      const answer = await asking("to b")(run);
      await ask(run, { kind: "timer", name: "later", dueInMs: 1e9 });
      return answer;
    };
    expect(await execute(twice)).toMatchObject({ is: "waiting" });
    expect(await execute(asking("to b"))).toMatchObject({ is: "completed", output: "yes" });
    expect(await entries()).not.toContain("reordered");
  });

  it("is not held up for ever inside a body by a result that is not asked for any more", async () => {
    const program = (nth: number) => async (run: RunContext) => {
      const first = await answerTo(ask(run, approval(`text ${nth}`)));
      const second = await run.execution.step({ kind: "tool", name: "t", hash: "t" }, async () => {
        const text = JSON.stringify(await answerTo(ask(run, approval("inside", { name: "in" }))));
        return { failed: false, text };
      });
      return [first, second?.text];
    };
    expect(await execute(program(1))).toMatchObject({ is: "waiting" });
    await decide("one");
    expect(await execute(program(1))).toMatchObject({ is: "waiting" });
    await decide("in", "in");
    // The first one is not asked any more: its answer is still to come before all that is new.
    const parallel = async (run: RunContext) => {
      const inside = run.execution.step({ kind: "tool", name: "t", hash: "t" }, async () => ({
        failed: false,
        text: JSON.stringify(await answerTo(ask(run, approval("inside", { name: "in" })))),
      }));
      return (await inside)?.text;
    };
    expect(await execute(parallel)).toMatchObject({ is: "completed", output: '"in"' });
    expect(await entries()).toContain("reordered");
  });

  it("is asked anew by a run that failed beside it and is let go on", async () => {
    const program = (fails: boolean) => (run: RunContext) =>
      Promise.all([
        answerTo(ask(run, approval("both"))),
        fails ? sleep(20).then(() => Promise.reject(new Error("no"))) : 1,
      ]);
    expect(await execute(program(true))).toMatchObject({ is: "failed" });
    await (await store.takeOver(runId)).append({ entry: "superseded" }).durable;
    expect(await execute(program(false))).toMatchObject({ is: "waiting" });
    await decide("yes");
    expect(await execute(program(false))).toMatchObject({ is: "completed", output: ["yes", 1] });
  });

  it("holds nothing up once it was answered and is asked in another form", async () => {
    const program = (asked: string) => async (run: RunContext) => {
      const answer = await answerTo(ask(run, approval(asked, { callId: "call 1" })));
      await ask(run, approval("then", { name: "then" }));
      return answer;
    };
    expect(await execute(program("to a"))).toMatchObject({ is: "waiting" });
    await decide("yes");
    expect(await execute(program("to a"))).toMatchObject({ is: "waiting" });
    expect(await execute(program("to b"))).toMatchObject({ is: "waiting" });
    await decide("no");
    await decide("then", "then");
    expect(await execute(program("to b"))).toMatchObject({ is: "waiting" });
    await decide("then", "then");
    expect(await execute(program("to b"))).toMatchObject({ is: "completed", output: "no" });
    expect(await entries()).not.toContain("reordered");
  });

  it("keeps what was answered when others were withdrawn and the run was let go on", async () => {
    const program = (asked: string, fails: boolean) => async (run: RunContext) => {
      const answer = await answerTo(ask(run, approval(asked)));
      if (fails) throw new Error("no");
      return answer;
    };
    expect(await execute(program("to a", true))).toMatchObject({ is: "waiting" });
    expect(await execute(program("to b", true))).toMatchObject({ is: "waiting" });
    await decide("yes");
    expect(await execute(program("to b", true))).toMatchObject({ is: "failed" });
    await (await store.takeOver(runId)).append({ entry: "superseded" }).durable;
    expect(await execute(program("to b", false))).toMatchObject({ is: "completed", output: "yes" });
  });

  it("does not end the stay in memory of a run whose other branch will try again", async () => {
    const program = (run: RunContext) => {
      const { execution } = run;
      const tool = (hash: string, more: Partial<StepRequest>) => ({
        ...({ kind: "tool", name: hash, hash } as const),
        ...more,
      });
      const tooLate = { failed: true, text: '"too late"' };
      let tries = 0;
      return Promise.all([
        // Given up, its body goes on and asks.
        execution.step(tool("a", { abandoned: sleep(10).then(() => tooLate) }), async () => {
          await ask(run, approval("inside", { name: "in" }));
          return { failed: false, text: "1" };
        }),
        execution.step(tool("b", { retryAfter: () => 30_000 }), async () => {
          tries += 1;
          return { failed: tries === 1, text: String(tries) };
        }),
      ]).then((results) => results.map((result) => result?.text));
    };
    expect(await execute(program)).toMatchObject({ is: "completed", output: ['"too late"', "2"] });
  });
});
