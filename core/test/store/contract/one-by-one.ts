/** Runs a program step by step and holds every answer, and what is there in the end, to the model. */
import { expect } from "vitest";
import type { JournalWriter, Store } from "../../../src/store/index.ts";
import { Model, type ModelWriter } from "./model.ts";
import { outcome } from "./outcome.ts";
import { Names, SLOTS, type Step } from "./program.ts";
import { readBack } from "./read-back.ts";

export async function oneByOne(stores: readonly Store[], steps: readonly Step[]): Promise<void> {
  const program = new Program(stores);
  await stores[0]!.sweepDeleted({ graceMs: 0 });
  for (const step of steps) await program.take(step);
  await program.expectSame();
}

class Program {
  readonly #stores: readonly Store[];
  readonly #model = new Model();
  readonly #names = new Names();
  readonly #writers: { readonly real: JournalWriter; readonly model: ModelWriter }[] = [];

  constructor(stores: readonly Store[]) {
    this.#stores = stores;
  }

  async take(step: Step): Promise<void> {
    if (step.do === "append" || step.do === "put") return this.#write(step);
    const store = this.#stores[step.by]!;
    if (step.do === "sweep") {
      const swept = this.#model.sweep();
      expect(await store.sweepDeleted({ graceMs: 0 })).toBe(swept.length);
      for (const spaceId of swept) this.#names.renewSpace(spaceId);
      return;
    }
    const { runId, spaceId } = this.#names.get(step.run);
    const run = this.#model.run(spaceId, runId);
    if (step.do === "create") {
      const created = await outcome(
        store.createRun({ runId, spaceId, namespace: "test", app: "app" }),
      );
      expect(typeof created === "string" ? created : created.created).toEqual(
        this.#model.create(spaceId, runId),
      );
    } else if (step.do === "take over") {
      const real = await outcome(store.takeOver(runId));
      if (typeof real === "string" || run === undefined) {
        expect([real, run]).toEqual(["RUN_NOT_FOUND", undefined]);
        return;
      }
      const model = this.#model.takeOver(run);
      expect(real).toMatchObject({ epoch: model.epoch, lastSeq: run.entries.length, spaceId });
      this.#writers.push({ real, model });
    } else if (step.do === "say") {
      const said = await outcome(store.say(runId, step.message));
      if (run === undefined) expect(said).toBe("RUN_NOT_FOUND");
      else expect(said).toMatchObject(this.#model.say(run, step.message));
    } else if (step.do === "prune") {
      expect(await store.pruneRun(runId)).toBe(run !== undefined);
      if (run === undefined) return;
      this.#model.prune(run);
      this.#names.renewRun(runId);
    } else {
      expect(await store.deleteSpace(spaceId)).toBe(this.#model.delete(spaceId));
      for (const name of this.#names.runsOf(spaceId)) this.#names.renewRun(name.runId);
    }
  }

  async #write(step: Extract<Step, { readonly writer: number }>): Promise<void> {
    const writer = this.#writers.at(-1 - step.writer);
    if (writer === undefined) return;
    const { real, model } = writer;
    const expected =
      step.do === "append"
        ? step.entries.map((entry) => this.#model.append(model, entry))
        : [this.#model.put(model, step.slot, step.state)];
    const written =
      step.do === "append"
        ? step.entries.map((entry) => real.append(entry).durable)
        : [real.putSession(step.slot, step.state)];
    expect(await Promise.all(written.map(outcome))).toEqual(expected);
    expect(real.lost?.code).toBe(model.lost);
  }

  async expectSame(): Promise<void> {
    for (const [index, { runId, spaceId }] of this.#names.runs.entries()) {
      const store = this.#stores[index % this.#stores.length]!;
      const expected = this.#model.run(spaceId, runId);
      if (expected === undefined) {
        expect(await store.run(runId)).toBeUndefined();
        continue;
      }
      const { epoch, entries, control } = expected;
      const status = epoch === 0 ? "queued" : "running";
      expect(await store.run(runId)).toMatchObject({ runId, spaceId, epoch, status });
      expect(await readBack(store, spaceId, runId)).toEqual(entries);
      const said = await store.said(runId);
      expect(said.map(({ at: _, ...each }) => each)).toEqual(control);
    }
    for (const spaceId of this.#names.spaces) {
      for (const slot of SLOTS) {
        const session = await this.#stores[0]!.session(spaceId, slot);
        const { at: _, ...found } = session ?? { at: undefined };
        expect(found).toEqual(this.#model.session(spaceId, slot) ?? {});
      }
    }
  }
}
