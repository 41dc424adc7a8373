import { describe, expect, it } from "vitest";
import { newId } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeControl(given: () => Processes): void {
  describe("what is said to a run", () => {
    it("is refused by name when it cannot be stored as it is", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      for (const [field, text] of [
        ["key", "a\0b"],
        ["value", "\ud800"],
        ["author", "\udc00"],
      ] as const) {
        const message = { key: "k", kind: "signal", [field]: text };
        await expect(store.say(runId, message)).rejects.toMatchObject({
          code: "STORE_REFUSED_ROW",
          details: { runId, field },
        });
      }
      expect(await store.said(runId)).toEqual([]);
    });

    it("never outlives the run", async () => {
      const [store, other] = given().stores;
      for (let round = 0; round < 30; round += 1) {
        const { runId, spaceId } = await newRun(store);
        await Promise.allSettled([
          ...["a", "b", "c"].map((key) => store.say(runId, { key, kind: "signal" })),
          other.pruneRun(runId),
        ]);
        await store.createRun({ runId, spaceId, namespace: "test", app: "app" });
        expect(await store.said(runId)).toEqual([]);
      }
    });

    it("is decided by the first writer: of four deciders at once, one wins and all read the winner", async () => {
      const { stores } = given();
      const { runId } = await newRun(stores[0]);
      for (let round = 0; round < 100; round += 1) {
        const key = `decision ${round}`;
        const answers = await Promise.all(
          stores.map((store, person) =>
            store.say(runId, {
              key,
              kind: "decision",
              value: JSON.stringify(`person ${person}`),
              author: `p${person}`,
            }),
          ),
        );
        const winner = answers.find(({ won }) => won)!;
        expect(answers.filter(({ won }) => won)).toHaveLength(1);
        for (const { control } of answers) expect(control).toEqual(winner.control);
      }
      const said = await stores[0].said(runId);
      expect(said.map(({ seq }) => seq)).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    });

    it("is numbered without a hole, and no number is seen before the one below it", async () => {
      const { stores } = given();
      const { runId, spaceId } = await newRun(stores[0]);
      let done = false;
      const watching = (async () => {
        while (!done) {
          const seen = (await stores[3].said(runId)).map(({ seq }) => seq);
          expect(seen).toEqual(seen.map((_, index) => index + 1));
        }
      })();
      await Promise.all(
        stores.slice(0, 3).map(async (store, index) => {
          for (let n = 0; n < 40; n += 1)
            await store.say(runId, { key: `signal ${index} ${n}`, kind: "signal" });
        }),
      );
      done = true;
      await watching;
      expect(await stores[0].said(runId)).toHaveLength(120);
      expect((await stores[0].said(runId, { after: 118 })).map(({ seq }) => seq)).toEqual([
        119, 120,
      ]);
      expect(await stores[0].said(runId, { spaceId })).toEqual(await stores[0].said(runId));
    });

    it("needs a run that is there", async () => {
      const runId = newId();
      await expect(
        given().stores[0].say(runId, { key: "k", kind: "cancel" }),
      ).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });

    it("is given back as it was said, to a run that nobody has taken too", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const signal = { kind: "signal", name: "paid", value: '{"a":1}', author: "ann" };
      await store.say(runId, { key: "k", ...signal });
      await other.say(runId, { key: "l", kind: "cancel" });
      const at = expect.any(Date);
      expect(await other.said(runId)).toEqual([
        { seq: 1, key: "k", ...signal, at },
        {
          seq: 2,
          key: "l",
          kind: "cancel",
          name: undefined,
          value: undefined,
          author: undefined,
          at,
        },
      ]);
      expect(await other.run(runId)).toMatchObject({ status: "queued", epoch: 0 });
    });
  });
}
