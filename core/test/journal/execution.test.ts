import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Execution,
  History,
  realTime,
  type StepRecord,
  type StepRequest,
} from "../../src/journal/index.ts";
import { memoryDatabase, openMemoryStore, type Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";

let store: Store;
let runId: string;
/** What happened outside, in all executions. */
let effects: string[];
beforeEach(async () => {
  store = openMemoryStore(memoryDatabase());
  runId = (await newRun(store)).runId;
  effects = [];
});

const tool = (hash: string, more: Partial<StepRequest> = {}): StepRequest => ({
  kind: "tool",
  name: "t",
  hash,
  ...more,
});

interface Program {
  /** A step whose effect is seen outside. */
  readonly step: (request: StepRequest) => Promise<string | undefined>;
  readonly execution: Execution;
}

/** Runs a program over the journal as it stands, in a process of its own. */
async function execute<T>(program: (parts: Program) => Promise<T>) {
  const reports: string[] = [];
  const writer = await store.takeOver(runId);
  const execution = new Execution({
    history: History.of(await collect(store.journal(runId))),
    writer,
    scheduler: realTime,
    reports: {
      diverged: ({ identity }) => void reports.push(`diverged ${identity.hash}`),
      reordered: () => void reports.push("reordered"),
      waiting: () => void reports.push("waiting"),
      lost: () => void reports.push("lost"),
      replaced: ({ identity }) => void reports.push(`replaced ${identity.hash}`),
    },
  });
  const step = async (request: StepRequest) => {
    const result = await execution.step(request, async () => {
      effects.push(request.hash);
      return { failed: false, text: `"${request.hash} #${effects.length}"` };
    });
    return result?.text;
  };
  const done = execution.run(() => program({ step, execution }));
  return { done, reports, writer };
}

const never = () => new Promise<never>(() => {});

describe("an execution", () => {
  it("returns what is recorded and runs only what is not", async () => {
    const first = await execute(async ({ step }) => [await step(tool("a")), await step(tool("b"))]);
    const before = await first.done;
    const second = await execute(async ({ step }) => [
      await step(tool("a")),
      await step(tool("b")),
      await step(tool("c")),
    ]);
    expect(await second.done).toEqual([...before, '"c #3"']);
    expect(effects).toEqual(["a", "b", "c"]);
  });

  it("begins what runs again after what is on record beside it was handed back", async () => {
    const beside = (last: Promise<unknown>) => async (parts: Program) => {
      const { step, execution } = parts;
      const slow = execution.step(tool("slow", { name: "slow" }), async () => {
        effects.push("slow");
        await last;
        return { failed: false, text: "" };
      });
      const quick = step(tool("quick")).then(() => effects.push("quick returned"));
      await Promise.all([slow, quick]);
    };
    void (await execute(beside(never())));
    await expect.poll(() => effects).toContain("quick returned");
    effects = [];
    await (await execute(beside(Promise.resolve()))).done;
    expect(effects).toEqual(["quick returned", "slow"]);
  });

  it("writes a quick step at once: started and finished share a flush", async () => {
    const { done } = await execute(({ step }) => step(tool("a")));
    await done;
    const entries = await collect(store.journal(runId));
    expect(entries.map(({ entry }) => entry)).toEqual(["started", "finished"]);
  });

  it("writes that a slow step was started while it runs", async () => {
    await execute(({ execution }) => execution.step(tool("slow"), never));
    while ((await collect(store.journal(runId))).length === 0) await sleep(5);
    expect(await collect(store.journal(runId))).toMatchObject([{ entry: "started", hash: "slow" }]);
  });

  it("runs a step in doubt again, under its old number", async () => {
    const first = await execute(({ execution }) => execution.step(tool("a"), never));
    while ((await collect(store.journal(runId))).length === 0) await sleep(5);
    const second = await execute(({ step }) => step(tool("a")));
    expect(await second.done).toBe('"a #1"');
    expect((await collect(store.journal(runId))).map(({ entry, step }) => [entry, step])).toEqual([
      ["started", undefined],
      ["restarted", 1],
      ["finished", 1],
    ]);
    expect(first.writer.epoch).toBe(1);
  });

  it.each([
    ["is under way", true],
    ["has not begun", false],
  ])(
    "gives nobody the result of an equal step that was asked for later, if the first %s",
    async (_, isUnderWay) => {
      const program = (slow: Promise<unknown>) => async (parts: Program) => {
        const begun = Promise.withResolvers<void>();
        const first = parts.execution.step(tool("a"), async () => {
          begun.resolve();
          effects.push("slow");
          await slow;
          return { failed: false, text: "slow" };
        });
        if (isUnderWay) await begun.promise;
        const second = parts.execution.step(tool("a"), async () => {
          effects.push("quick");
          return { failed: false, text: "quick" };
        });
        void second.then(() => effects.push("quick returned"));
        return (await Promise.all([first, second])).map((result) => result?.text);
      };
      void (await execute(program(never())));
      await expect.poll(() => effects).toContain("quick returned");
      effects = [];
      expect(await (await execute(program(Promise.resolve()))).done).toEqual(["slow", "quick"]);
      expect(effects.filter((name) => name === "quick")).toEqual([]);
    },
  );

  it("asks what is to become of a step in doubt that may run only once", async () => {
    const asked: number[] = [];
    const settle = async ({ seq }: StepRecord) => {
      asked.push(seq);
      return { failed: false, text: '"done by hand"' };
    };
    const once = tool("pay", { announced: true, settle });
    await execute(({ execution }) =>
      execution.step(once, () => {
        effects.push("pay");
        return never();
      }),
    );
    while (effects.length === 0) await sleep(5);
    const second = await execute(({ step }) => step(once));
    expect(await second.done).toBe('"done by hand"');
    expect(asked).toEqual([1]);
    expect(effects).toEqual(["pay"]);
  });

  it("returns nothing more to the program of a run that was taken over", async () => {
    const reached: string[] = [];
    const { promise: goOn, resolve: go } = Promise.withResolvers<void>();
    const first = await execute(async ({ step }) => {
      reached.push((await step(tool("a")))!);
      await goOn;
      reached.push((await step(tool("b")))!);
    });
    await expect.poll(() => reached).toHaveLength(1);
    const second = await execute(({ step }) => step(tool("a")));
    await second.done;
    go();
    await expect.poll(() => first.writer.lost?.code).toBe("RUN_TAKEN_OVER");
    await sleep(20);
    expect(reached).toEqual(['"a #1"']);
  });

  it("gives a retry a new result, and goes on with the newest try after a crash", async () => {
    const flaky = async ({ step, execution }: Program, failures: number) => {
      const scope = execution.retriedScope("node");
      for (let count = 1; ; count += 1) {
        const result = await scope.try(count, () => step(tool("charge")));
        if (count > failures) return result;
        await scope.failed();
      }
    };
    const first = await execute((program) => flaky(program, 1));
    expect(await first.done).toBe('"charge #2"');
    const second = await execute((program) => flaky(program, 0));
    expect(await second.done).toBe('"charge #2"');
    expect(effects).toHaveLength(2);
  });

  it("keeps the order in which results were returned, also when a retry came in between", async () => {
    const program = (failures: number) => async (parts: Program) => {
      const { step, execution } = parts;
      const scope = execution.retriedScope("node");
      for (let count = 1; ; count += 1) {
        await scope.try(count, () => step(tool("in a try")));
        if (count > failures) break;
        await scope.failed();
      }
      return step(tool("after it"));
    };
    await (await execute(program(0))).done;
    await (await execute(program(1))).done; // The new try's result comes before one that is older.
    const third = await execute(program(0));
    await third.done;
    expect(third.reports).toEqual([]);
    expect(effects).toEqual(["in a try", "after it", "in a try"]);
  });

  it("leaves the effect of a step with the outcome that the program did not take", async () => {
    const writer = await store.takeOver(runId);
    const step = writer.append({ entry: "started", scope: "", ...tool("a") }).seq;
    writer.append({ entry: "effect", step, value: { text: '"changed"' } });
    writer.append({ entry: "finished", step, value: { text: '"done"' } });
    await writer.append({ entry: "failed", step, value: { text: '"too late"' } }).durable;
    const { done } = await execute(({ execution }) => execution.step(tool("a"), never));
    const result = await done;
    expect(result).toMatchObject({ failed: true, text: '"too late"', replayed: true });
    expect(result?.effect).toBeUndefined();
  });

  it("forgets an effect whose outcome was never written", async () => {
    const writer = await store.takeOver(runId);
    const step = writer.append({ entry: "started", scope: "", ...tool("a") }).seq;
    await writer.append({ entry: "effect", step, value: { text: '"changed"' } }).durable;
    await (await execute(({ step }) => step(tool("a")))).done;
    const { done } = await execute(({ execution }) => execution.step(tool("a"), never));
    const result = await done;
    expect(result).toMatchObject({ failed: false, replayed: true });
    expect(result?.effect).toBeUndefined();
  });

  it("makes no other try of a step that was given up", async () => {
    const late = { failed: true, text: '"too late"' };
    const abandoned = sleep(20).then(() => late);
    const { done } = await execute(({ execution }) =>
      execution.step(tool("a", { abandoned, retryAfter: () => 0 }), async () => {
        effects.push("a");
        await sleep(40);
        return { failed: true, text: '"no"' };
      }),
    );
    expect(await done).toMatchObject(late);
    const said = async () => (await collect(store.journal(runId))).map(({ entry }) => entry);
    await expect.poll(said).toEqual(["started", "failed", "late"]);
    expect(effects).toEqual(["a"]);
  });

  it("does not count a step as under way that nobody could settle", async () => {
    const once = tool("a", { announced: true, settle: () => Promise.reject(new Error("no")) });
    const first = await execute(({ execution }) => execution.step(once, never));
    const entries = () => collect(store.journal(runId));
    await expect.poll(async () => (await entries()).length).toBe(1);
    const { done } = await execute(async ({ execution, step }) => {
      await expect(execution.step(once, never)).rejects.toThrow("no");
      return step(tool("b"));
    });
    expect(await done).toBe('"b #1"');
    expect((await entries()).map(({ overlapped }) => overlapped)).not.toContain(true);
    void first.done;
  });

  it("lets a run go on whose end came from a step in the body of another", async () => {
    const program = (isWell: boolean) => (parts: Program) =>
      parts.execution.step(tool("outer"), async () => {
        const before = await parts.step(tool("before"));
        const inner = await parts.execution.step(tool("inner"), async () => ({
          failed: !isWell,
          text: isWell ? '"well"' : '"no"',
        }));
        return { failed: inner!.failed, text: `${before} ${inner!.text}` };
      });
    const first = await (await execute(program(false))).done;
    expect(first?.failed).toBe(true);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "superseded", step: first!.seq }).durable;
    const second = await execute(program(true));
    expect(await second.done).toMatchObject({ failed: false, text: '"before #1" "well"' });
    expect(effects).toEqual(["before"]);
  });

  it("does not wait for what is on record inside a step that was settled without it", async () => {
    const settle = async () => ({ failed: false, text: '"done by hand"' });
    const once = tool("pay", { announced: true, settle });
    const program = (isStuck: boolean) => (parts: Program) =>
      parts.execution.step(once, async () => {
        await parts.step(tool("inside"));
        return isStuck ? never() : undefined;
      });
    await execute(program(true));
    const said = async () => (await collect(store.journal(runId))).map(({ entry }) => entry);
    await expect.poll(said).toContain("finished");
    const second = await execute(program(false));
    expect((await second.done)?.text).toBe('"done by hand"');
    expect(second.reports).toEqual([]);
  });

  it("asks about a step inside that ended the run, if it may run only once", async () => {
    const asked: string[] = [];
    const settle = async ({ identity }: StepRecord) => {
      asked.push(identity.hash);
      return { failed: false, text: '"done by hand"' };
    };
    const program = ({ execution }: Program) =>
      execution.step(tool("outer"), async () => {
        const once = tool("pay", { announced: true, settle });
        const paid = await execution.step(once, async () => ({ failed: true, text: '"no"' }));
        return { failed: paid!.failed, text: paid!.text };
      });
    const first = await (await execute(program)).done;
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "superseded", step: first!.seq }).durable;
    expect((await (await execute(program)).done)?.text).toBe('"done by hand"');
    expect(asked).toEqual(["pay"]);
  });
});
