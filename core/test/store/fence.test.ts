import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let zombie: Store;
let worker: Store;
beforeAll(async () => {
  zombie = await database.open();
  worker = await database.open();
});

describe("the fence", () => {
  it("lets no late row in behind a takeover, in 60 takeovers against running writers", async () => {
    for (let round = 0; round < 60; round += 1) {
      const { runId } = await newRun(zombie);
      const old = await zombie.takeOver(runId);
      let refused: unknown;
      const writing = (async () => {
        while (refused === undefined) {
          await Promise.all([
            old.append({ entry: "old" }).durable,
            old.append({ entry: "old" }).durable,
          ]).catch((error) => {
            refused = error;
          });
        }
      })();
      await sleep(randomInt(3, 12));

      const taken = await worker.takeOver(runId);
      const seen = (await collect(worker.journal(runId))).length;
      await taken.append({ entry: "new" }).durable;
      await writing;

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

  it("makes a takeover wait for an append that is under way, and then see it", async () => {
    const { runId } = await newRun(zombie);
    await zombie.takeOver(runId);
    const open = await database.pool.connect();
    await open.query("begin");
    await open.query("select 1 from holdfast.runs where run_id = $1 for share", [runId]);
    await open.query(
      `insert into holdfast.steps (bucket, run_id, seq, epoch, entry)
       select bucket, run_id, 1, 1, 'under way' from holdfast.runs where run_id = $1`,
      [runId],
    );
    const taking = worker.takeOver(runId);
    expect(await Promise.race([taking.then(() => "taken"), sleep(150, "waits")])).toBe("waits");
    await open.query("commit");
    open.release();
    expect((await taking).lastSeq).toBe(1);
  });

  it("reports a row that something else put into the journal", async () => {
    const { runId } = await newRun(zombie);
    const writer = await zombie.takeOver(runId);
    await database.pool.query(
      `insert into holdfast.steps (bucket, run_id, seq, epoch, entry)
       select bucket, run_id, 1, 99, 'intruder' from holdfast.runs where run_id = $1`,
      [runId],
    );
    await expect(writer.append({ entry: "started" }).durable).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      details: { runId, seq: 1, expected: 1, found: 99 },
    });
  });
});

describe("a row the database refuses", () => {
  it("fails its run from there on, and no other run of the batch", async () => {
    const spoiled = await database.open();
    await database.pool.query(
      "alter table holdfast.steps add constraint no_poison check (name <> 'poison') not valid",
    );
    const runs = await Promise.all(Array.from({ length: 8 }, () => newRun(spoiled)));
    const writers = await Promise.all(runs.map(({ runId }) => spoiled.takeOver(runId)));
    const results = writers.map((writer, index) =>
      Promise.allSettled(
        Array.from(
          { length: 10 },
          (_, n) =>
            writer.append({ entry: "started", name: index === 3 && n === 4 ? "poison" : "fine" })
              .durable,
        ),
      ),
    );
    const statuses = (await Promise.all(results)).map((each) => each.map(({ status }) => status));
    statuses.forEach((each, index) => {
      const expected = each.map((_, n) => (index === 3 && n >= 4 ? "rejected" : "fulfilled"));
      expect(each).toEqual(expected);
    });
    expect(writers[3]!.lost).toMatchObject({
      code: "STORE_REFUSED_ROW",
      details: { runId: runs[3]!.runId },
    });
    expect(writers[3]!.lost?.message).toContain("no_poison");
    expect((await collect(spoiled.journal(runs[3]!.runId))).map(({ seq }) => seq)).toEqual([
      1, 2, 3, 4,
    ]);
    await database.pool.query("alter table holdfast.steps drop constraint no_poison");

    const next = await spoiled.takeOver(runs[3]!.runId);
    await next.append({ entry: "finished" }).durable;
    expect(next.lastSeq).toBe(5);
  });
});
