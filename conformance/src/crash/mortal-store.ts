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
  /** The ids of the workers that entered through this store. */
  readonly entered: ReadonlySet<string>;
}

export interface MortalOptions {
  /** Default: it lives on, until `life.die()`. */
  readonly dieAt?: CrashPoint | undefined;
}

/** Closing it closes the store; when it is dead, nothing does but closing the store itself. */
export function mortalStore(store: Store, { dieAt }: MortalOptions = {}): MortalStore {
  const life = new Mortality(dieAt);
  const entered = new Set<string>();
  const mortal = (writer: JournalWriter) => new MortalWriter(writer, life);
  return {
    life,
    entered,
    description: store.description,
    createRun: (run) => life.write(() => store.createRun(run)),
    run: (runId) => life.pass(() => store.run(runId)),
    newestRun: (spaceId) => life.pass(() => store.newestRun(spaceId)),
    async enter(worker, told) {
      entered.add(worker.id);
      const presence = await life.pass(() =>
        store.enter(worker, {
          buried: () => life.isDead || told.buried(),
          noticed: (...line) => life.isDead || told.noticed(...line),
        }),
      );
      return {
        get hearsHints() {
          return presence.hearsHints;
        },
        tell: (serves) => life.pass(() => presence.tell(serves)),
        certain: () => presence.certain(),
        leave: () => life.pass(() => presence.leave()),
      };
    },
    workers: () => life.pass(() => store.workers()),
    suspects: (self) => life.pass(() => store.suspects(self)),
    bury: (suspect) => life.write(() => store.bury(suspect)),
    async claim(runId, workerId) {
      const claim = await life.write(() => store.claim(runId, workerId));
      return claim.is === "mine" ? { ...claim, writer: mortal(claim.writer) } : claim;
    },
    async claimReady(order) {
      const { claimed, ...rest } = await life.write(() => store.claimReady(order));
      const mine = claimed.map(({ run, writer }) => ({ run, writer: mortal(writer) }));
      return { ...rest, claimed: mine };
    },
    unblock: (served) => life.write(() => store.unblock(served)),
    takeOver: async (runId, options) =>
      mortal(await life.write(() => store.takeOver(runId, options))),
    async amend(spaceId) {
      const amending = await life.write(() => store.amend(spaceId));
      return amending.is === "mine" ? { is: "mine", writer: mortal(amending.writer) } : amending;
    },
    newestEntry: (runId, of) => life.pass(() => store.newestEntry(runId, of)),
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
    runs: (filter) => life.pass(() => store.runs(filter)),
    deploy: (app) => life.write(() => store.deploy(app)),
    apps: (namespace) => life.pass(() => store.apps(namespace)),
    heldBy: (workerId) => life.pass(() => store.heldBy(workerId)),
    standings: (runIds) => life.pass(() => store.standings(runIds)),
    listen: (hear) => store.listen((hint) => life.isDead || hear(hint)),
    waitsForEnd: (of) => life.pass(() => store.waitsForEnd(of)),
    waits: (runId, known) => life.pass(() => store.waits(runId, known)),
    say: (runId, message) => life.write(() => store.say(runId, message)),
    said: (runId, options) => life.pass(() => store.said(runId, options)),
    heard: (cursors) => life.pass(() => store.heard(cursors)),
    pruneRun: (runId) => life.write(() => store.pruneRun(runId)),
    deleteSpace: (spaceId) => life.write(() => store.deleteSpace(spaceId)),
    sweepDeleted: (options) => life.write(() => store.sweepDeleted(options)),
    close: () => life.pass(() => store.close()),
  };
}
