/**
 * Runs a program in turns, all steps of a turn at once. Which of them comes first is open; what must
 * hold in whatever order they came is checked against all that the processes were told.
 */
import { expect } from "vitest";
import type { ErrorCode } from "../../../src/errors/index.ts";
import type { JournalWriter, Run, Store, WorkerState } from "../../../src/store/index.ts";
import { outcome } from "./outcome.ts";
import { Names, QUEUES, type RunName, SLOTS, type Step, type Workers } from "./program.ts";
import { readBack } from "./read-back.ts";

export async function allAtOnce(
  stores: readonly Store[],
  workers: Workers,
  turns: readonly (readonly Step[])[],
): Promise<void> {
  const program = new Program(stores, workers);
  for (const steps of turns) await program.turn(steps);
  await program.expectSound();
}

interface Writer {
  readonly real: JournalWriter;
  readonly found: number;
  /** What became of each append, in order. */
  readonly appends: {
    readonly seq: number;
    readonly name: string;
    result?: undefined | ErrorCode;
  }[];
}

interface Put {
  readonly turn: number;
  readonly writer: Writer;
  readonly spaceId: string;
  readonly slot: string;
  readonly value: string;
}

class Program {
  readonly #stores: readonly Store[];
  readonly #workers: Workers;
  readonly #names = new Names();
  readonly #writers: Writer[] = [];
  readonly #puts: Put[] = [];
  readonly #said: {
    readonly runId: string;
    readonly answer: Awaited<ReturnType<Store["say"]>>;
  }[] = [];
  readonly #created = new Map<string, number>();
  readonly #gone = new Set<string>();
  /** The turn in which a space was deleted last. */
  readonly #deleted = new Map<string, number>();
  #turn = 0;
  #number = 0;

  constructor(stores: readonly Store[], workers: Workers) {
    this.#stores = stores;
    this.#workers = workers;
  }

  async turn(steps: readonly Step[]): Promise<void> {
    this.#turn += 1;
    const writers = [...this.#writers];
    // A sweep without a grace period takes tombstones that others of the turn still need.
    const together = steps.filter((step) => step.do !== "sweep" && !isPrunedToo(step, steps));
    await Promise.all(together.map((step) => this.#take(step, writers)));
    if (steps.some((step) => step.do === "sweep")) {
      await this.#stores[0]!.sweepDeleted({ graceMs: 0 });
      for (const spaceId of this.#deleted.keys()) this.#names.renewSpace(spaceId);
    }
    for (const runId of this.#gone) this.#names.renewRun(runId);
  }

  async #take(step: Step, writers: readonly Writer[]): Promise<void> {
    if (step.do === "sweep") return;
    if ("writer" in step) {
      const writer = writers.at(-1 - step.writer);
      if (writer !== undefined) await this.#write(writer, step);
      return;
    }
    const store = this.#stores[step.by]!;
    const { namespace } = this.#names;
    const served = { namespace, apps: ["app"], queues: QUEUES };
    if (step.do === "leave") return this.#workers.leave(step.by);
    if (step.do === "unblock") return void (await store.unblock(served));
    if (step.do === "claim ready") {
      const { queues, limit } = step;
      const workerId = await this.#workers.of(step.by);
      const ready = await outcome(store.claimReady({ ...served, queues, limit, workerId }));
      if (typeof ready === "string") return expect(ready).toBe("WORKER_LOST");
      for (const { writer } of ready.claimed) this.#hold(writer);
      return;
    }
    const { runId, spaceId } = this.#names.get(step.run);
    if (step.do === "create") {
      const { ready, queue } = step;
      const made = await outcome(
        store.createRun({ runId, spaceId, namespace, app: "app", ready, queue }),
      );
      if (typeof made === "string") expect(made).toBe("SPACE_DELETED");
      else if (made.is === "new") this.#created.set(runId, (this.#created.get(runId) ?? 0) + 1);
    } else if (step.do === "claim") {
      const claim = await outcome(store.claim(runId, await this.#workers.of(step.by)));
      if (typeof claim === "string") expect(["RUN_NOT_FOUND", "WORKER_LOST"]).toContain(claim);
      else if (claim.is === "mine") this.#hold(claim.writer);
      else if (claim.is === "held") expect(this.#workers.ids).toContain(claim.workerId);
    } else if (step.do === "take over") {
      const real = await outcome(store.takeOver(runId));
      if (typeof real === "string") expect(real).toBe("RUN_NOT_FOUND");
      else this.#hold(real);
    } else if (step.do === "say") {
      const answer = await outcome(store.say(runId, step.message));
      if (typeof answer === "string") expect(answer).toBe("RUN_NOT_FOUND");
      else this.#said.push({ runId, answer });
    } else if (step.do === "prune") {
      if (await store.pruneRun(runId)) this.#gone.add(runId);
    } else if (await store.deleteSpace(spaceId)) {
      this.#deleted.set(spaceId, this.#turn);
      for (const name of this.#names.runsOf(spaceId)) this.#gone.add(name.runId);
    }
  }

  #hold(real: JournalWriter): void {
    this.#writers.push({ real, found: real.lastSeq, appends: [] });
  }

  async #write(writer: Writer, step: Extract<Step, { readonly writer: number }>): Promise<void> {
    if (step.do === "append") return this.#append(writer, step);
    if (step.do === "put") return this.#put(writer, step);
    const { real } = writer;
    const written =
      step.do === "state"
        ? real.putState(step.state)
        : step.do === "wait"
          ? real.openWait(step.wait)
          : real.closeWait(step.seq);
    const refused = await outcome(written);
    if (refused !== undefined) expect(["RUN_TAKEN_OVER", "RUN_NOT_FOUND"]).toContain(refused);
  }

  async #append(writer: Writer, { entries }: Extract<Step, { readonly do: "append" }>) {
    await Promise.all(
      entries.map(async (entry) => {
        const name = `entry ${this.#number++}`;
        const { seq, durable } = writer.real.append({ ...entry, name });
        const append: Writer["appends"][number] = { seq, name };
        writer.appends.push(append);
        append.result = (await outcome(durable)) ?? undefined;
      }),
    );
  }

  async #put(writer: Writer, { slot, state }: Extract<Step, { readonly do: "put" }>) {
    const value = `"put ${this.#number++}"`;
    const put = { turn: this.#turn, writer, spaceId: writer.real.spaceId, slot, value };
    const refused = await outcome(
      writer.real.putSession(slot, { ...state, value: { text: value } }),
    );
    if (refused === undefined) this.#puts.push(put);
  }

  async expectSound(): Promise<void> {
    for (const name of this.#names.runs) {
      expect(this.#created.get(name.runId) ?? 0).toBeLessThanOrEqual(1);
      for (const writer of this.#writersOf(name.runId)) expectOrder(writer);
      if (this.#gone.has(name.runId)) await this.#expectGone(name);
      else if (this.#created.has(name.runId)) await this.#expectWhole(name);
    }
    for (const spaceId of this.#names.spaces) {
      for (const slot of SLOTS) await this.#expectLatest(spaceId, slot);
    }
  }

  async #expectGone({ runId }: RunName): Promise<void> {
    expect(await this.#stores[1]!.run(runId)).toBeUndefined();
    expect(await outcome(this.#stores[2]!.said(runId))).toBe("RUN_NOT_FOUND");
  }

  async #expectWhole({ runId, spaceId }: RunName): Promise<void> {
    const [store] = this.#stores;
    expectFindable((await store!.run(runId))!, await store!.workers());
    const entries = await readBack(store!, spaceId, runId);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const writers = this.#writersOf(runId).sort((a, b) => a.real.epoch - b.real.epoch);
    expect(writers.map(({ real }) => real.epoch)).toEqual(writers.map((_, index) => index + 1));

    // What was acknowledged is there, and nothing else, writer after writer.
    const durable = writers.flatMap(({ real: { epoch }, appends }) =>
      appends
        .filter(({ result }) => result === undefined)
        .map(({ seq, name }) => ({ seq, name, epoch })),
    );
    expect(entries.map(({ seq, name, epoch }) => ({ seq, name, epoch }))).toEqual(durable);
    for (const { real, appends } of writers) {
      const refused = appends.flatMap(({ result }) => result ?? []);
      expect(new Set(refused)).toEqual(new Set(refused.length > 0 ? ["RUN_TAKEN_OVER"] : []));
      if (refused.length > 0) expect(real.epoch).toBeLessThan(writers.length);
    }
    const newest = writers.at(-1);
    if (newest !== undefined) {
      const older = entries.filter(({ epoch }) => epoch < newest.real.epoch);
      expect(newest.found).toBe(older.length);
    }

    const said = await store!.said(runId);
    expect(said.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
    const answers = this.#said.filter((each) => each.runId === runId).map(({ answer }) => answer);
    for (const { control } of answers) {
      if (control !== undefined) expect(said).toContainEqual(control);
    }
    const won = answers.flatMap((answer) => (answer.won ? answer.control.key : []));
    expect(won.sort()).toEqual(said.map(({ key }) => key).sort());
  }

  /** The slot holds one of the values put last: those of the latest turn, the last of each writer. */
  async #expectLatest(spaceId: string, slot: string): Promise<void> {
    const session = await this.#stores[3]!.session(spaceId, slot);
    const deleted = this.#deleted.get(spaceId) ?? 0;
    const puts = this.#puts.filter(
      (put) => put.spaceId === spaceId && put.slot === slot && put.turn > deleted,
    );
    const latest = puts.filter(({ turn }) => turn === puts.at(-1)!.turn);
    const last = new Map(latest.map(({ writer, value }) => [writer, value]));
    if (last.size === 0) expect(session).toBeUndefined();
    else expect([...last.values()]).toContain(session?.value);
  }

  #writersOf(runId: string): Writer[] {
    return this.#writers.filter(({ real }) => real.runId === runId);
  }
}

/** Nobody who could go on with it is waited for in vain: it is held, ready, waits for an answer or is over. */
function expectFindable(
  { status, workerId, readyInMs }: Run,
  workers: readonly WorkerState[],
): void {
  const isOver = ["completed", "failed", "cancelled"].includes(status);
  const isHeld = workers.some(({ id }) => id === workerId);
  expect(workerId === undefined || isHeld).toBe(true);
  if (isOver || isHeld) expect(readyInMs).toBeUndefined();
  else if (status !== "waiting") expect(readyInMs).toBeDefined();
}

/** A run is not created while it is pruned: it would come back under the name of one that is gone. */
function isPrunedToo(step: Step, steps: readonly Step[]): boolean {
  if (step.do !== "create") return false;
  return steps.some((other) => other.do === "prune" && other.run === step.run);
}

/** Numbers without a hole; once refused, always refused. */
function expectOrder({ found, appends }: Writer): void {
  expect(appends.map(({ seq }) => seq)).toEqual(appends.map((_, index) => found + index + 1));
  const firstRefused = appends.findIndex(({ result }) => result !== undefined);
  if (firstRefused < 0) return;
  expect(appends.slice(firstRefused).every(({ result }) => result !== undefined)).toBe(true);
}
