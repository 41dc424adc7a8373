import { describe, expect, it } from "vitest";
import { newId, type OpenWait, type Said } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

const ASKED = { kind: "approval", name: "pay", fingerprint: "f1" };
const LONG = 60_000;

export function describeWaits(given: () => Processes): void {
  describe("a wait", () => {
    it("is open from when it was opened until it is closed, for all to see", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(await other.waits(runId)).toEqual([]);
      writer.openWait({ seq: 7, ...ASKED, dueInMs: LONG });
      writer.openWait({ seq: 3, ...ASKED, kind: "timer" });
      await writer.openWait({ seq: 5, ...ASKED, body: '{"pay":5}', dueInMs: -1_000 });
      const open = await other.waits(runId);
      const openedAt = expect.any(Date);
      expect(open).toEqual([
        { seq: 3, ...ASKED, kind: "timer", body: undefined, openedAt, dueInMs: undefined },
        { seq: 5, ...ASKED, body: '{"pay":5}', openedAt, dueInMs: expect.any(Number) },
        { seq: 7, ...ASKED, body: undefined, openedAt, dueInMs: expect.any(Number) },
      ]);
      expect(open[1]!.dueInMs).toBeLessThanOrEqual(-1_000);
      expect(open[2]!.dueInMs).toBeGreaterThan(LONG / 2);
      expect(open[2]!.dueInMs).toBeLessThanOrEqual(LONG);
      await writer.closeWait(5);
      const left = await other.waits(runId);
      expect(left.map(({ seq }) => seq)).toEqual([3, 7]);
      const { spaceId } = writer;
      expect(await other.waits(runId, { spaceId })).toMatchObject(left.map(({ seq }) => ({ seq })));
    });

    it("is opened once: what a second opening asks changes nothing, and opens nothing again", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await Promise.all([
        writer.openWait({ seq: 1, ...ASKED }),
        writer.openWait({ seq: 1, ...ASKED, name: "other" }),
      ]);
      const next = await other.takeOver(runId);
      await next.openWait({ seq: 1, ...ASKED, name: "another" });
      expect(await store.waits(runId)).toMatchObject([{ seq: 1, name: "pay" }]);
      await next.closeWait(1);
      await next.closeWait(1);
      await next.openWait({ seq: 1, ...ASKED });
      await next.closeWait(2);
      expect(await store.waits(runId)).toEqual([]);
    });

    it("travels with entries and states, in order", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      const { seq } = writer.append({ entry: "started" });
      writer.openWait({ seq, ...ASKED });
      writer.append({ entry: "started" });
      writer.openWait({ seq: 2, ...ASKED });
      writer.closeWait(seq);
      await writer.putState({ status: "waiting" });
      expect((await other.waits(runId)).map((wait) => wait.seq)).toEqual([2]);
      expect(writer.lost).toBeUndefined();
    });

    it.each(["completed", "failed", "cancelled"] as const)(
      "is closed when its run is %s",
      async (status) => {
        const [store, other] = given().stores;
        const { runId } = await newRun(store);
        const bystander = await newRun(store);
        const writers = [await store.takeOver(runId), await store.takeOver(bystander.runId)];
        for (const writer of writers) await writer.openWait({ seq: 1, ...ASKED });
        await Promise.all([
          writers[0]!.openWait({ seq: 2, ...ASKED }),
          writers[0]!.closeWait(1),
          writers[0]!.putState({ status }),
          writers[1]!.putState({ status: "waiting" }),
        ]);
        expect(await other.waits(runId)).toEqual([]);
        expect(await other.waits(bystander.runId)).toHaveLength(1);
      },
    );

    it("goes with its run when that is pruned, or its space deleted", async () => {
      const [store, other] = given().stores;
      const { runId, spaceId } = await newRun(store);
      const remove = [
        () => other.pruneRun(runId),
        async () => {
          await other.deleteSpace(spaceId);
          await other.sweepDeleted({ graceMs: 0 });
        },
      ];
      for (const each of remove) {
        const writer = await store.takeOver(runId);
        await writer.openWait({ seq: 1, ...ASKED });
        await each();
        await expect(store.waits(runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
        await store.createRun({ runId, spaceId, namespace: "test", app: "app" });
        expect(await store.waits(runId)).toEqual([]);
        const late = writer.openWait({ seq: 1, ...ASKED });
        await expect(late).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      }
    });

    it("refuses what Postgres cannot hold, and a run that is not there", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      for (const field of ["kind", "name", "fingerprint", "body"]) {
        expect(() => writer.openWait({ seq: 1, ...ASKED, [field]: "\0" })).toThrow(
          expect.objectContaining({ code: "STORE_REFUSED_ROW", details: { runId, field } }),
        );
      }
      await expect(store.waits(newId())).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });
  });

  describe("what is said on a wait", () => {
    const NOBODY: Said = { won: false, control: undefined };
    const say = (on: OpenWait, key = "d") => ({ key, kind: "decision", on });

    it("is said only while it is open, and read by all who come later", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(await other.say(runId, say({ wait: 1, while: "open" }))).toEqual(NOBODY);
      await writer.openWait({ seq: 1, ...ASKED });
      expect(await other.say(runId, say({ wait: 1, while: "due" }))).toEqual(NOBODY);
      const won = await other.say(runId, say({ wait: 1, while: "open" }));
      expect(won).toMatchObject({ won: true, control: { key: "d", seq: 1 } });
      await writer.closeWait(1);
      expect(await other.say(runId, say({ wait: 1, while: "open" }, "late"))).toEqual(NOBODY);
      for (const on of ["open", "due"] as const) {
        expect(await other.say(runId, say({ wait: 1, while: on }))).toEqual({
          won: false,
          control: won.control,
        });
      }
      expect(await store.said(runId)).toEqual([won.control]);
      const missing = store.say(newId(), say({ wait: 1, while: "open" }));
      await expect(missing).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });

    it("is for a person before it is due, and for its expiry from then on", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      writer.openWait({ seq: 1, ...ASKED, dueInMs: LONG });
      await writer.openWait({ seq: 2, ...ASKED, dueInMs: 0 });
      expect(await other.say(runId, say({ wait: 1, while: "due" }))).toEqual(NOBODY);
      expect(await other.say(runId, say({ wait: 2, while: "open" }))).toEqual(NOBODY);
      expect(await other.say(runId, say({ wait: 1, while: "open" }, "a"))).toMatchObject({
        won: true,
      });
      expect(await other.say(runId, say({ wait: 2, while: "due" }, "b"))).toMatchObject({
        won: true,
      });
    });

    it("is about what was asked: another fingerprint is not heard", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await writer.openWait({ seq: 1, ...ASKED });
      const on = { wait: 1, while: "open" } as const;
      expect(await other.say(runId, say({ ...on, fingerprint: "f2" }))).toEqual(NOBODY);
      expect(await other.said(runId)).toEqual([]);
      expect(await other.say(runId, say({ ...on, fingerprint: "f1" }))).toMatchObject({
        won: true,
      });
    });

    it("at the moment it falls due is one decision, of the person or of the expiry", async () => {
      const [store, person, clock] = given().stores;
      const runs = await Promise.all(Array.from({ length: 12 }, () => newRun(store)));
      const decide = async (runId: string, nearMs: number) => {
        const writer = await store.takeOver(runId);
        await writer.openWait({ seq: 1, ...ASKED, dueInMs: 60 });
        const author = async (by: typeof store, on: OpenWait["while"], name: string) => {
          for (;;) {
            const said = await by.say(runId, { ...say({ wait: 1, while: on }), author: name });
            if (said.control !== undefined) return said;
          }
        };
        const hesitating = async () => {
          while ((await person.waits(runId))[0]!.dueInMs! > nearMs);
          return author(person, "open", "ann");
        };
        return Promise.all([hesitating(), author(clock, "due", "system")]);
      };
      for (const [index, { runId }] of runs.entries()) {
        const answers = await decide(runId, index % 4);
        const winner = answers.find(({ won }) => won);
        expect(answers.filter(({ won }) => won)).toHaveLength(1);
        for (const { control } of answers) expect(control).toEqual(winner!.control);
        expect(await store.said(runId)).toEqual([winner!.control]);
      }
    });

    it("by several at once is numbered without a hole", async () => {
      const { stores } = given();
      const { runId } = await newRun(stores[0]);
      const writer = await stores[0].takeOver(runId);
      await writer.openWait({ seq: 1, ...ASKED });
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          stores[n % 4]!.say(runId, say({ wait: 1, while: "open" }, `key ${n % 20}`)),
        ),
      );
      expect(answers.filter(({ won }) => won)).toHaveLength(20);
      const seqs = (await stores[0].said(runId)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    });
  });

  describe("a wait for the end of a run", () => {
    it("is found when that run is over, and as long as the wait is open", async () => {
      const [store, other] = given().stores;
      const [parent, child, sibling] = await Promise.all([1, 2, 3].map(() => newRun(store)));
      const writer = await store.takeOver(parent!.runId);
      const childWriter = await store.takeOver(child!.runId);
      const ends = (of: string) => other.waitsForEnd(of);
      const asked = { kind: "child", fingerprint: "f" };
      writer.openWait({ seq: 1, ...asked, name: child!.runId });
      writer.openWait({ seq: 2, ...asked, name: sibling!.runId });
      writer.openWait({ seq: 3, ...asked, name: newId() });
      await writer.openWait({ seq: 4, ...ASKED });
      expect(await ends(child!.runId)).toEqual([]);
      await childWriter.putState({ status: "failed" });
      const found = { runId: parent!.runId, seq: 1, of: child!.runId };
      expect(await ends(child!.runId)).toEqual([found]);
      expect(await ends(sibling!.runId)).toEqual([]);
      const all = await other.waitsForEnd();
      expect(all.filter(({ runId }) => runId === parent!.runId)).toEqual([found]);
      await writer.closeWait(1);
      expect(await ends(child!.runId)).toEqual([]);
    });
  });

  describe("what was said to many runs", () => {
    it("is heard in one look, of each from its cursor on", async () => {
      const [store, other] = given().stores;
      const runs = await Promise.all([newRun(store), newRun(store), newRun(store)]);
      const ids = runs.map(({ runId }) => runId);
      for (const [index, runId] of ids.entries()) {
        for (let n = 0; n <= index; n += 1) {
          await other.say(runId, { key: `${n}`, kind: "signal", name: "paid", value: `"${n}"` });
        }
      }
      const cursors = ids.map((runId, index) => ({ runId, after: index === 2 ? 1 : 0 }));
      const heard = await store.heard([...cursors, { runId: newId(), after: 0 }]);
      for (const [index, runId] of ids.entries()) {
        const mine = heard.filter((each) => each.runId === runId).map(({ control }) => control);
        expect(mine).toEqual((await store.said(runId)).slice(index === 2 ? 1 : 0));
      }
      expect(heard).toHaveLength(5);
      expect(await store.heard([])).toEqual([]);
    });
  });

  describe("a fingerprint", () => {
    it("is equal for equal texts of a space, for every writer", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const [one, two] = [await store.takeOver(runId), await other.takeOver(runId)];
      expect(one.fingerprint('"a"')).toBe(two.fingerprint('"a"'));
      expect(one.fingerprint('"a"')).not.toBe(one.fingerprint('"b"'));
      expect(one.fingerprint('"a"')).toMatch(/^[\w-]{43}$/);
    });
  });
}
