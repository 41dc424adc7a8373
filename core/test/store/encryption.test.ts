import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aesPayloadCipher, plainSpaceCipher } from "../../src/cipher/index.ts";
import { newId } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
const key = randomBytes(32);
const encrypt = aesPayloadCipher({ keys: [{ id: "k1", key }] });

describe("a store with a payload cipher", () => {
  it("gives everything back and leaves nothing said readable in the database", async () => {
    const store = await database.open({ encrypt });
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const secret = "sesame-open-7";
    const small = JSON.stringify(`small ${secret}`);
    const large = JSON.stringify(`large ${secret} `.repeat(500));
    writer.append({ entry: "started", input: [small, large], value: { text: small } });
    writer.append({ entry: "finished", value: { text: large } });
    await writer.putSession("thread", { items: [large], value: { text: small } });
    const fingerprint = writer.fingerprint(small);
    await writer.openWait({ seq: 1, kind: "approval", name: "pay", fingerprint, body: large });
    await writer.putState({ status: "waiting", why: small });
    const opened = { runId: newId(), namespace: "test", app: "app" };
    await store.createRun({ ...opened, opening: [{ entry: "opened", value: { text: large } }] });
    await store.say(runId, { key: "d", kind: "decision", value: small });

    const [started, finished] = await collect(store.journal(runId));
    expect(started!.value).toBe(small);
    expect(finished!.value).toBe(large);
    expect(await store.list(spaceId, started!.input!)).toEqual([small, large]);
    expect(await store.session(spaceId, "thread")).toMatchObject({ items: [large], value: small });
    expect(await store.said(runId)).toMatchObject([{ value: small }]);
    const cursor = { runId, after: 0 };
    expect(await store.heard([cursor])).toMatchObject([{ control: { value: small } }]);
    expect(await store.waits(runId)).toMatchObject([{ fingerprint, body: large }]);
    expect(await store.run(runId)).toMatchObject({ why: small });
    expect(await collect(store.journal(opened.runId))).toMatchObject([{ value: large }]);

    for (const table of ["runs", "steps", "items", "lists", "sessions", "waits", "control"]) {
      const { rows } = await database.pool.query(`select t::text as row from holdfast.${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      for (const { row } of rows) expect(row).not.toContain(secret);
    }
  });

  it("gives equal texts of two spaces hashes that do not betray it", async () => {
    const store = await database.open({ encrypt });
    const text = JSON.stringify("the same in both");
    const hashes = [];
    for (const run of [await newRun(store), await newRun(store)]) {
      const writer = await store.takeOver(run.runId);
      await writer.append({ entry: "started", input: [text] }).durable;
      const [entry] = await collect(store.journal(run.runId));
      hashes.push(entry!.input);
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it("gives equal texts fingerprints that do not betray it, equal within a space alone", async () => {
    const store = await database.open({ encrypt });
    const [one, two] = [await newRun(store), await newRun(store)];
    const text = '"the same in both"';
    const [first, second, other] = await Promise.all(
      [one, await newRun(store, one.spaceId), two].map(async ({ runId }) =>
        (await store.takeOver(runId)).fingerprint(text),
      ),
    );
    expect(first).toBe(second);
    expect(first).not.toBe(other);
    expect(first).not.toBe(plainSpaceCipher.hash(text).toString("base64url"));
  });

  it("refuses to read with another key", async () => {
    const store = await database.open({ encrypt });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started", value: { text: '"x"' } }).durable;
    const stranger = await database.open({
      encrypt: aesPayloadCipher({ keys: [{ id: "k1", key: randomBytes(32) }] }),
    });
    await expect(collect(stranger.journal(runId))).rejects.toMatchObject({
      code: "PAYLOAD_NOT_DECRYPTABLE",
    });
  });
});
