/** Runs a program step by step and holds every answer, and what is there in the end, to the model. */
import { expect } from "vitest";
import type { JournalWriter, Store } from "../../../src/store/index.ts";
import { Model, type ModelWriter } from "./model.ts";
import { outcome } from "./outcome.ts";
import { Names, QUEUES, SLOTS, type Step, type Workers } from "./program.ts";
import { readBack } from "./read-back.ts";

export async function oneByOne(
  stores: readonly Store[],
  workers: Workers,
  steps: readonly Step[],
): Promise<void> {
  const program = new Program(stores, workers);
  await stores[0]!.sweepDeleted({ graceMs: 0 });
  for (const step of steps) await program.take(step);
  await program.expectSame();
}

class Program {
  readonly #stores: readonly Store[];
  readonly #workers: Workers;
  readonly #model = new Model();
  readonly #names = new Names();
  readonly #writers: { readonly real: JournalWriter; readonly model: ModelWriter }[] = [];

  constructor(stores: readonly Store[], workers: Workers) {
    this.#stores = stores;
    this.#workers = workers;
  }

  async take(step: Step): Promise<void> {
    if ("writer" in step) return this.#write(step);
    const store = this.#stores[step.by]!;
    if (step.do === "sweep") {
      const swept = this.#model.sweep();
      expect(await store.sweepDeleted({ graceMs: 0 })).toBe(swept.length);
      for (const spaceId of swept) this.#names.renewSpace(spaceId);
      return;
    }
    const { namespace } = this.#names;
    const worker = await this.#workers.of(step.by);
    if (step.do === "claim ready") return this.#claimReady(step, worker);
    if (step.do === "unblock") {
      const served = { namespace, apps: ["app"], queues: QUEUES };
      expect(await store.unblock(served)).toBe(this.#model.unblock());
      return;
    }
    if (step.do === "leave") {
      await this.#workers.leave(step.by);
      this.#model.leave(worker);
      return;
    }
    const { runId, spaceId } = this.#names.get(step.run);
    const run = this.#model.run(spaceId, runId);
    if (step.do === "create") {
      const { ready, queue } = step;
      const created = await outcome(
        store.createRun({ runId, spaceId, namespace, app: "app", ready, queue }),
      );
      expect(typeof created === "string" ? created : created.is === "new").toEqual(
        this.#model.create(spaceId, runId, step),
      );
    } else if (step.do === "claim") {
      const real = await outcome(store.claim(runId, worker));
      if (run === undefined) return expect(real).toBe("RUN_NOT_FOUND");
      const holder = run.workerId;
      const model = this.#model.claim(run, worker, this.#workers.ids.has(worker));
      if (typeof real === "string") return expect(real).toBe(model);
      if (real.is !== "mine" || typeof model === "string") {
        expect(real.is).toBe(model);
        if (real.is === "held") expect(real.workerId).toBe(holder);
        return;
      }
      expect(real.writer).toMatchObject({ epoch: model.epoch, lastSeq: run.entries.length });
      this.#writers.push({ real: real.writer, model });
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

  async #claimReady(
    { by, queues, limit }: Extract<Step, { readonly do: "claim ready" }>,
    workerId: string,
  ): Promise<void> {
    const served = { namespace: this.#names.namespace, apps: ["app"], queues };
    const real = await outcome(this.#stores[by]!.claimReady({ ...served, workerId, limit }));
    if (!this.#workers.ids.has(workerId)) return expect(real).toBe("WORKER_LOST");
    if (typeof real === "string") throw new Error(`refused: ${real}`);
    const ready = this.#model.ready(queues);
    expect(real.claimed).toHaveLength(Math.min(limit, ready.length));
    for (const { run, writer } of real.claimed) {
      const model = ready.find(({ runId }) => runId === run.runId);
      expect(model).toBeDefined();
      this.#writers.push({ real: writer, model: this.#model.takeOver(model!, workerId) });
      const { epoch, entries, queue } = model!;
      expect(run).toMatchObject({ status: "running", workerId, epoch, queue });
      expect(writer).toMatchObject({ epoch, lastSeq: entries.length });
    }
    const next = real.claimed.length === limit ? 0 : this.#model.nextReady(queues);
    expect(whenOf(real.nextInMs)).toBe(whenOf(next));
  }

  async #write(step: Extract<Step, { readonly writer: number }>): Promise<void> {
    const writer = this.#writers.at(-1 - step.writer);
    if (writer === undefined) return;
    const { real, model } = writer;
    const [written, expected] = this.#writeBoth(step, real, model);
    expect(await Promise.all(written.map(outcome))).toEqual(expected);
    expect(real.lost?.code).toBe(model.lost);
  }

  #writeBoth(
    step: Extract<Step, { readonly writer: number }>,
    real: JournalWriter,
    model: ModelWriter,
  ): [readonly Promise<void>[], readonly unknown[]] {
    switch (step.do) {
      case "append":
        return [
          step.entries.map((entry) => real.append(entry).durable),
          step.entries.map((entry) => this.#model.append(model, entry)),
        ];
      case "put":
        return [
          [real.putSession(step.slot, step.state)],
          [this.#model.put(model, step.slot, step.state)],
        ];
      case "state":
        return [[real.putState(step.state)], [this.#model.setState(model, step.state)]];
      case "wait":
        return [[real.openWait(step.wait)], [this.#model.openWait(model, step.wait)]];
      case "close":
        return [[real.closeWait(step.seq)], [this.#model.closeWait(model, step.seq)]];
    }
  }

  async expectSame(): Promise<void> {
    for (const [index, { runId, spaceId }] of this.#names.runs.entries()) {
      const store = this.#stores[index % this.#stores.length]!;
      const expected = this.#model.run(spaceId, runId);
      if (expected === undefined) {
        expect(await store.run(runId)).toBeUndefined();
        continue;
      }
      const { epoch, entries, control, status, why, workerId, waits } = expected;
      const { ready, blocked, queue } = expected;
      const state = { epoch, status, why, workerId, blocked, queue };
      const real = (await store.run(runId))!;
      expect(real).toMatchObject({ runId, spaceId, ...state });
      expect(whenOf(real.readyInMs)).toBe(whenOf(ready));
      const open = [...waits.values()].filter(({ isOpen }) => isOpen).map(({ asked }) => asked);
      expect(
        (await store.waits(runId)).map(({ openedAt: _, dueInMs: __, ...asked }) => asked),
      ).toEqual(
        open
          .map(({ dueInMs: _, ...asked }) => ({ body: undefined, ...asked }))
          .sort((a, b) => a.seq - b.seq),
      );
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

/** Roughly: time passes while a program runs. */
function whenOf(ms: number | undefined): string {
  if (ms === undefined) return "never";
  if (ms <= 0) return "now";
  return ms <= 10_000 ? "in a while" : "much later";
}
