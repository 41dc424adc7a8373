import { describe, expect, it } from "vitest";
import { newId } from "../../../src/store/index.ts";
import { collect, newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeFence(given: () => Processes): void {
  describe("the fence", () => {
    it("cuts a writer off at whatever point of its writing another takes over", async () => {
      const [zombie, worker] = given().stores;
      for (let round = 0; round < 40; round += 1) {
        const { runId } = await newRun(zombie);
        const old = await zombie.takeOver(runId);
        let refused: unknown;
        const written = Array.from({ length: 60 }, () => old.append({ entry: "old" }).durable);
        const settled = Promise.allSettled(written);
        await written[round];
        const writing = (async () => {
          for (let n = 0; n < 10_000 && refused === undefined; n += 1) {
            await old.append({ entry: "old" }).durable.catch((error) => {
              refused = error;
            });
          }
        })();

        const taken = await worker.takeOver(runId);
        const seen = (await collect(worker.journal(runId))).length;
        await taken.append({ entry: "new" }).durable;
        await Promise.all([settled, writing]);

        expect(refused).toMatchObject({
          code: "RUN_TAKEN_OVER",
          details: { runId, expected: 1, found: 2 },
        });
        const entries = await collect(worker.journal(runId));
        expect(taken.lastSeq).toBe(seen + 1);
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
        expect(entries.map(({ entry }) => entry)).toEqual([...Array(seen).fill("old"), "new"]);
      }
    });

    it("turns away only the run that was taken over, not its neighbours in the flush", async () => {
      const [zombie, worker] = given().stores;
      const runs = await Promise.all([newRun(zombie), newRun(zombie), newRun(zombie)]);
      const writers = await Promise.all(runs.map(({ runId }) => zombie.takeOver(runId)));
      await worker.takeOver(runs[1]!.runId);
      const results = await Promise.allSettled(
        writers.flatMap((writer) => [1, 2].map(() => writer.append({ entry: "started" }).durable)),
      );
      expect(results.map(({ status }) => status)).toEqual([
        "fulfilled",
        "fulfilled",
        "rejected",
        "rejected",
        "fulfilled",
        "fulfilled",
      ]);
      expect(writers[1]!.lost?.code).toBe("RUN_TAKEN_OVER");
      expect(() => writers[1]!.append({ entry: "started" })).not.toThrow();
      await expect(writers[1]!.append({ entry: "started" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(await collect(zombie.journal(runs[1]!.runId))).toEqual([]);
    });

    it("holds for session slots too", async () => {
      const [zombie, worker] = given().stores;
      const { runId, spaceId } = await newRun(zombie);
      const old = await zombie.takeOver(runId);
      const taken = await worker.takeOver(runId);
      await taken.putSession("thread", { value: { text: '"new"' } });
      await expect(old.putSession("thread", { value: { text: '"old"' } })).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(await worker.session(spaceId, "thread")).toMatchObject({ value: '"new"' });
    });

    it("holds within a process as well: a run taken over twice has one writer", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const old = await store.takeOver(runId);
      await old.append({ entry: "old" }).durable;
      const taken = await store.takeOver(runId);
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      await taken.append({ entry: "new" }).durable;
      expect((await collect(store.journal(runId))).map(({ entry }) => entry)).toEqual([
        "old",
        "new",
      ]);
      expect(taken.lost).toBeUndefined();
    });

    it.each([
      ["the old one", true],
      ["the new one", false],
    ])(
      "tells two writers of one process apart when both write at once, %s first",
      async (_, isOldFirst) => {
        const [store] = given().stores;
        const { runId, spaceId } = await newRun(store);
        const old = await store.takeOver(runId);
        const taken = await store.takeOver(runId);
        const writers = isOldFirst ? [old, taken] : [taken, old];
        const written = writers.flatMap((writer) => {
          const text = JSON.stringify(writer === old ? "old" : "new");
          const { durable } = writer.append({ entry: "said", value: { text } });
          return [durable, writer.putSession("thread", { value: { text } })];
        });
        const [stored, refused] = ["fulfilled", "rejected"];
        expect((await Promise.allSettled(written)).map(({ status }) => status)).toEqual(
          isOldFirst ? [refused, refused, stored, stored] : [stored, stored, refused, refused],
        );
        expect(old.lost).toMatchObject({ code: "RUN_TAKEN_OVER" });
        expect(taken.lost).toBeUndefined();
        expect((await collect(store.journal(runId))).map(({ value }) => value)).toEqual(['"new"']);
        expect(await store.session(spaceId, "thread")).toMatchObject({ value: '"new"' });
      },
    );

    it("gives every takeover an epoch of its own", async () => {
      const [zombie, worker] = given().stores;
      const { runId } = await newRun(zombie);
      const writers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? zombie : worker).takeOver(runId)),
      );
      expect(writers.map(({ epoch }) => epoch).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });
  });

  describe("ids of runs that do not exist", () => {
    it("are refused when a run was deleted under its writer", async () => {
      const [zombie, worker] = given().stores;
      const { runId, spaceId } = await newRun(zombie);
      const writer = await zombie.takeOver(runId);
      await worker.deleteSpace(spaceId);
      await expect(writer.append({ entry: "started" }).durable).rejects.toMatchObject({
        code: "RUN_NOT_FOUND",
      });
      await expect(zombie.takeOver(newId())).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });
  });
}
