// What runs of many spaces share: of many that change it at once none is lost, and a change that is made again is none.
import { afterEach, describe, expect, test } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { changeShared, readShared, type SharedName } from "../../src/run/shared-values.ts";
import { memoryDatabase, openMemoryStore, type Store } from "../../src/store/index.ts";
import { testDatabase } from "../support/test-database.ts";

const { open } = testDatabase();
const opened: Store[] = [];
afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

/** Three processes, by where their rows are. */
const places: Readonly<Record<string, () => Promise<readonly Store[]>>> = {
  async "in memory"() {
    const database = memoryDatabase();
    const stores = [1, 2, 3].map(() => openMemoryStore(database));
    opened.push(...stores);
    return stores;
  },
  "on Postgres": () => Promise.all([open(), open(), open()]),
};

let count = 0;
function someName(): SharedName {
  count += 1;
  return ["test", "user", `ann ${count}`];
}

const sharing = (store: Store, namespace = "test") => ({ store, namespace, codec: createCodec() });

describe.each(Object.entries(places))("%s", (_, places) => {
  test("what many set at once is all there, and each sees what was set before", async () => {
    const stores = await places();
    const name = someName();
    await Promise.all(
      stores.map(async (store, nth) => {
        for (let change = 1; change <= 60; change += 1) {
          const set = { [`of ${nth}`]: change, [`${nth}.${change % 10}`]: change, last: nth };
          await changeShared(sharing(store), name, { key: `${nth}/${change}`, set });
          const [values] = await readShared(sharing(store), [name]);
          expect(values).toMatchObject({ [`of ${nth}`]: change });
        }
      }),
    );
    const read = await Promise.all(stores.map((store) => readShared(sharing(store), [name])));
    expect(new Set(read.map((values) => JSON.stringify(values))).size).toBe(1);
    expect(read[0]![0]).toMatchObject({ "of 0": 60, "of 1": 60, "of 2": 60 });
    expect(Object.keys(read[0]![0]!)).toHaveLength(34);
  });

  test("a change that is made again, by whomever, does not undo a later one", async () => {
    const [store, other] = await places();
    const name = someName();
    await changeShared(sharing(store!), name, { key: "a", set: { x: 1, y: undefined } });
    await changeShared(sharing(other!), name, { key: "b", set: { x: 2 } });
    await changeShared(sharing(other!), name, { key: "a", set: { x: 1 } });
    expect(await readShared(sharing(store!), [name])).toEqual([{ x: 2, y: undefined }]);
  });

  test("others have others, and where nobody has set any there are none", async () => {
    const [store] = await places();
    const [name, none] = [someName(), someName()];
    await changeShared(sharing(store!), name, { key: "a", set: { x: 1 } });
    expect(await readShared(sharing(store!), [none, name])).toEqual([{}, { x: 1 }]);
    expect(await readShared(sharing(store!, "other"), [name])).toEqual([{}]);
  });

  test("of a space that was deleted nothing is left, and nothing is set until that is through", async () => {
    const [store] = await places();
    const name = someName();
    for (let change = 1; change <= 60; change += 1) {
      await changeShared(sharing(store!), name, { key: `${change}`, set: { x: change } });
    }
    const [run] = await store!.runs({ namespace: "holdfast:shared:test", limit: 1 });
    await store!.deleteSpace(run!.spaceId);
    expect(await readShared(sharing(store!), [name])).toEqual([{}]);
    const change = () => changeShared(sharing(store!), name, { key: "1", set: { x: 0 } });
    await expect(change()).rejects.toMatchObject({ code: "SPACE_DELETED" });
    await store!.sweepDeleted({ graceMs: -1_000 });
    await change();
    expect(await readShared(sharing(store!), [name])).toEqual([{ x: 0 }]);
  });

  test("the run that they are said to is no runtime's: it is not listed, and nobody takes it up", async () => {
    const [store] = await places();
    await changeShared(sharing(store!), someName(), { key: "a", set: { x: 1 } });
    expect(await store!.runs({ namespace: "test", limit: 10 })).toEqual([]);
    const [run] = await store!.runs({ namespace: "holdfast:shared:test", limit: 1 });
    expect(run).toMatchObject({ app: "test", status: "completed", readyInMs: undefined });
  });
});
