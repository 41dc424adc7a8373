import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Hint, newId, type Store } from "../../../src/store/index.ts";
import { newWorker, writerOf } from "../../support/workers.ts";
import { appOfRuns } from "./app-of-runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeHints(given: () => Processes): void {
  /** Everything a store hears, from when its worker does. */
  async function listening(store: Store) {
    const { presence } = await newWorker(store);
    while (!presence.hearsHints) await sleep(5);
    const heard: Hint[] = [];
    let changed = () => {};
    const unlisten = store.listen((hint) => {
      heard.push(hint);
      changed();
    });
    onTestFinished(unlisten);
    const all = (topic: keyof Hint) => heard.flatMap((hint) => hint[topic] ?? []);
    return {
      all,
      unlisten,
      async hears(topic: keyof Hint, subject: string) {
        while (!all(topic).includes(subject)) {
          await new Promise<void>((resolve) => {
            changed = resolve;
          });
        }
      },
    };
  }

  describe("a hint", () => {
    it("tells others, and those of the same process, that a run is ready", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const ears = await Promise.all([listening(store), listening(other)]);
      const app = appOfRuns();
      const name = app.served.namespace; // A name of its own.
      const hear = () => Promise.all(ears.map((ear) => ear.hears("ready", name)));
      const { runId } = await app.create(store, { app: name });
      await hear();
      for (const ear of ears) ear.unlisten();

      const again = await listening(other);
      const writer = writerOf(await store.claim(runId, workers[0]));
      await writer.putState({ status: "queued", release: true });
      await again.hears("ready", name);
      expect(again.all("moved")).toContain(runId);
    });

    it("tells what was said, and that it makes a waiting run ready", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const app = appOfRuns();
      const name = app.served.namespace;
      const { runId } = await app.create(store, { app: name, ready: false });
      const writer = writerOf(await store.claim(runId, workers[0]));
      const ear = await listening(other);
      await store.say(runId, { key: "one", kind: "signal" });
      await ear.hears("said", runId);
      expect(ear.all("ready")).not.toContain(name);
      await writer.putState({ status: "waiting", release: true });
      await ear.hears("moved", runId);
      await store.say(runId, { key: "two", kind: "signal" });
      await ear.hears("ready", name);
    });

    it("tells that runs were left by a worker that is none any more", async () => {
      const { stores, expire } = given();
      const [store, other, third] = stores;
      const ear = await listening(other);
      for (const end of ["leaves", "is buried"] as const) {
        const app = appOfRuns();
        const name = app.served.namespace;
        const { runId } = await app.create(store, { app: name, ready: false });
        const late = await newWorker(third);
        await store.claim(runId, late.id);
        if (end === "leaves") await late.presence.leave();
        else {
          await expire(late.id);
          const suspects = await store.suspects({ ...late.worker, id: newId() });
          const suspect = suspects.find(({ workerId }) => workerId === late.id);
          expect(await store.bury(suspect!)).toBe(true);
        }
        await ear.hears("ready", name);
      }
    });

    it("is heard no more by whoever stopped to listen", async () => {
      const [store, other] = given().stores;
      const [deaf, ear] = [await listening(other), await listening(other)];
      deaf.unlisten();
      const app = appOfRuns();
      await app.create(store, { app: app.served.namespace });
      await ear.hears("ready", app.served.namespace);
      expect(deaf.all("ready")).toEqual([]);
    });
  });
}
