/**
 * A real store, as a process has it that can die: see `Mortality`. Counted as writes are the making
 * of a run, claims, everything of a journal, and what is said; beats are not.
 */
import type { JournalWriter, Store } from "@holdfast/core/store";
import type { CrashPoint } from "./crash-point.ts";
import { MortalWriter } from "./mortal-writer.ts";
import { Mortality } from "./mortality.ts";

export interface MortalStore extends Store {
  readonly life: Mortality;
  /** The workers that told through this store that they live. */
  readonly workers: ReadonlySet<string>;
}

export interface MortalOptions {
  /** Default: it lives on, until `life.die()`. */
  readonly dieAt?: CrashPoint | undefined;
}

/** Closing it closes the store; when it is dead, nothing does but closing the store itself. */
export function mortalStore(store: Store, { dieAt }: MortalOptions = {}): MortalStore {
  const life = new Mortality(dieAt);
  const workers = new Set<string>();
  const mortal = (writer: JournalWriter) => new MortalWriter(writer, life);
  return {
    life,
    workers,
    description: store.description,
    createRun: (run) => life.write(() => store.createRun(run)),
    run: (runId) => life.pass(() => store.run(runId)),
    beat: (worker) => {
      workers.add(worker.id);
      return life.pass(() => store.beat(worker));
    },
    retire: (workerId) => life.pass(() => store.retire(workerId)),
    async claim(runId, workerId) {
      const claim = await life.write(() => store.claim(runId, workerId));
      return claim.is === "mine" ? { ...claim, writer: mortal(claim.writer) } : claim;
    },
    takeOver: async (runId, options) =>
      mortal(await life.write(() => store.takeOver(runId, options))),
    async *journal(runId, options) {
      const entries = store.journal(runId, options)[Symbol.asyncIterator]();
      for (;;) {
        const next = await life.pass(() => entries.next());
        if (next.done) return;
        yield next.value;
      }
    },
    list: (spaceId, list) => life.pass(() => store.list(spaceId, list)),
    fingerprints: (spaceId) => life.pass(() => store.fingerprints(spaceId)),
    session: (spaceId, slot) => life.pass(() => store.session(spaceId, slot)),
    waits: (runId) => life.pass(() => store.waits(runId)),
    say: (runId, message) => life.write(() => store.say(runId, message)),
    said: (runId, options) => life.pass(() => store.said(runId, options)),
    heard: (cursors) => life.pass(() => store.heard(cursors)),
    pruneRun: (runId) => life.write(() => store.pruneRun(runId)),
    deleteSpace: (spaceId) => life.write(() => store.deleteSpace(spaceId)),
    sweepDeleted: (options) => life.write(() => store.sweepDeleted(options)),
    close: () => life.pass(() => store.close()),
  };
}
