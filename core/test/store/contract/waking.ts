import { describe, expect, it } from "vitest";
import type { JournalWriter, RunState, Store } from "../../../src/store/index.ts";
import { MINUTE, writerOf } from "../../support/workers.ts";
import { appOfRuns } from "./app-of-runs.ts";
import type { Processes } from "./describe-store.ts";

const ASKED = { kind: "approval", name: "pay", fingerprint: "f" };
const WAITING = { status: "waiting", release: true } as const;

export function describeWaking(given: () => Processes): void {
  /** A run that the first worker holds. */
  async function held(): Promise<{ runId: string; writer: JournalWriter }> {
    const {
      stores: [store],
      workers: [worker],
    } = given();
    const { runId } = await appOfRuns().create(store);
    return { runId, writer: writerOf(await store.claim(runId, worker)) };
  }
  const say = (store: Store, runId: string, key: string) =>
    store.say(runId, { key, kind: "signal", name: "news" });
  async function readiness(runId: string): Promise<"ready" | "later" | "asleep"> {
    const { readyInMs } = (await given().stores[2].run(runId))!;
    if (readyInMs === undefined) return "asleep";
    return readyInMs <= 0 ? "ready" : "later";
  }

  describe("a run that waits", () => {
    it("is ready when something is said to it, however often it was before", async () => {
      const other = given().stores[1];
      const { runId, writer } = await held();
      await say(other, runId, "before");
      await writer.putState(WAITING);
      expect(await readiness(runId)).toBe("asleep");
      await say(other, runId, "before");
      expect(await readiness(runId)).toBe("asleep");
      await say(other, runId, "after");
      expect(await readiness(runId)).toBe("ready");
    });

    it.each([
      ["that its owner has heard, sleeps", 2, "asleep"],
      ["that its owner has not heard, is ready at once", 1, "ready"],
    ] as const)("after something was said %s", async (_, heardUpTo, how) => {
      const other = given().stores[1];
      const { runId, writer } = await held();
      await say(other, runId, "one");
      await say(other, runId, "two");
      expect(await readiness(runId)).toBe("asleep"); // It is held.
      await writer.putState({ ...WAITING, heardUpTo });
      expect(await readiness(runId)).toBe(how);
    });

    it("is woken by nothing while it is held, and when it is over", async () => {
      const other = given().stores[1];
      const { runId, writer } = await held();
      await writer.putState({ status: "waiting" });
      await say(other, runId, "one");
      expect(await readiness(runId)).toBe("asleep");
      await writer.putState({ status: "cancelled" });
      await say(other, runId, "two");
      expect(await readiness(runId)).toBe("asleep");
    });

    it("is ready when the first of its open waits falls due", async () => {
      const { runId, writer } = await held();
      writer.openWait({ seq: 1, ...ASKED, dueInMs: 10 * MINUTE });
      writer.openWait({ seq: 2, ...ASKED, dueInMs: 5 * MINUTE });
      writer.openWait({ seq: 3, ...ASKED, dueInMs: MINUTE });
      writer.openWait({ seq: 4, ...ASKED });
      writer.closeWait(3);
      await writer.putState(WAITING);
      const { readyInMs } = (await given().stores[2].run(runId))!;
      expect(readyInMs).toBeGreaterThan(4 * MINUTE);
      expect(readyInMs).toBeLessThanOrEqual(5 * MINUTE);
    });

    it("is not woken again by the due of a wait that was answered", async () => {
      const other = given().stores[1];
      const { runId, writer } = await held();
      await writer.openWait({ seq: 1, ...ASKED, dueInMs: 0 });
      await writer.openWait({ seq: 2, ...ASKED, dueInMs: MINUTE });
      await writer.putState({ ...WAITING, heardUpTo: 0 });
      expect(await readiness(runId)).toBe("ready");
      const expiry = { key: "wait/1", kind: "decision", on: { wait: 1, while: "due" } } as const;
      expect(await other.say(runId, expiry)).toMatchObject({ won: true });
      await writer.putState({ ...WAITING, heardUpTo: 1 });
      expect(await readiness(runId)).toBe("later");
      await other.say(runId, { key: "wait/2", kind: "decision" });
      await writer.putState({ ...WAITING, heardUpTo: 2 });
      expect(await readiness(runId)).toBe("asleep");
    });

    it.each([
      ["before it lets go", true],
      ["after it let go", false],
    ])("and is blocked is ready when something is said %s", async (_, isBefore) => {
      const other = given().stores[1];
      const { runId, writer } = await held();
      if (isBefore) await say(other, runId, "resume");
      await writer.putState({ ...WAITING, blocked: "paused", heardUpTo: 0 });
      if (!isBefore) await say(other, runId, "resume");
      expect(await readiness(runId)).toBe("ready");
      expect(await other.run(runId)).toMatchObject({ blocked: "paused" });
    });
  });

  describe("somebody who speaks to a run while it goes to sleep", () => {
    const rest: RunState = { ...WAITING, heardUpTo: 0 };

    it("wakes it, whoever is first", async () => {
      const { stores } = given();
      for (let round = 0; round < 60; round += 1) {
        const { runId, writer } = await held();
        const puts = () => writer.putState(rest);
        const says = () => say(stores[1 + (round % 3)]!, runId, "news");
        await Promise.all(round % 2 === 0 ? [puts(), says()] : [says(), puts()]);
        expect(await readiness(runId)).toBe("ready");
      }
    });

    it("on a wait that is answered just then, among entries, wakes it too", async () => {
      const { stores } = given();
      for (let round = 0; round < 40; round += 1) {
        const { runId, writer } = await held();
        await writer.openWait({ seq: 1, ...ASKED });
        await writer.openWait({ seq: 2, ...ASKED });
        const on = (wait: number) => ({ wait, while: "open" }) as const;
        const [first, second] = await Promise.all([
          stores[1].say(runId, { key: "wait/1", kind: "decision", on: on(1) }),
          stores[2].say(runId, { key: "wait/2", kind: "decision", on: on(2) }),
          writer.append({ entry: "started" }).durable,
          writer.closeWait(1),
          writer.putState(rest),
        ]);
        expect(second.won).toBe(true);
        expect(first.won === (await stores[3].said(runId)).length > 1).toBe(true);
        expect(await readiness(runId)).toBe("ready");
      }
    });

    it("again and again is heard to the last word", async () => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const { runId } = await app.create(stores[0]);
      const words = Array.from({ length: 60 }, (_, n) => `word ${n}`);
      const speaking = Promise.all(
        [1, 2, 3].map(async (by) => {
          for (const word of words.filter((_, n) => n % 3 === by - 1)) {
            await say(stores[by]!, runId, word);
          }
        }),
      );
      for (let heard = 0; heard < words.length; ) {
        const order = { ...app.served, workerId: workers[0], limit: 1 };
        const { claimed } = await stores[0].claimReady(order);
        if (claimed.length === 0) continue;
        heard = (await stores[0].said(runId)).length;
        await claimed[0]!.writer.putState({ ...WAITING, heardUpTo: heard });
      }
      await speaking;
      expect(await readiness(runId)).toBe("asleep");
    });
  });
}
