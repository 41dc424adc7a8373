/** The store on Postgres: puts the parts together and keeps what they share. */
import type { SpaceCipher } from "../cipher/index.ts";
import type { Database } from "../database/index.ts";
import { Appender, type AppendLimits } from "./append/appender.ts";
import { fingerprint } from "./append/fingerprint.ts";
import { QueuedJournalWriter } from "./append/queued-journal-writer.ts";
import type { DeployedApp } from "./apps/deployed-app.ts";
import { deploy, deployedApps } from "./apps/deployed-apps.ts";
import { readLists, readTexts } from "./content/read-list.ts";
import { readSessionSlot } from "./content/read-session.ts";
import type { StoredSession } from "./content/session.ts";
import { SpaceMemories } from "./content/space-memory.ts";
import type { ListId } from "./content/value.ts";
import type { Control, ControlCursor, Heard, NewControl, Said } from "./control/control.ts";
import { heard, said, say } from "./control/control-log.ts";
import type { Hint } from "./hints/hint.ts";
import { HintSender } from "./hints/hint-sender.ts";
import { hintingQueue } from "./hints/hinting-queue.ts";
import { bucketOf } from "./id.ts";
import type { Entry } from "./journal/entry.ts";
import type { JournalWriter } from "./journal/journal-writer.ts";
import type { Placement } from "./placement.ts";
import { DELETION_GRACE_MS, deleteSpace, sweepDeleted } from "./removal/delete-space.ts";
import { pruneRun } from "./removal/prune-run.ts";
import { amend } from "./runs/amend.ts";
import type { Amending, Claim, ReadyOrder, ReadyRuns, Served } from "./runs/claim.ts";
import { claimReady, unblock } from "./runs/claim-ready.ts";
import { createRun } from "./runs/create-run.ts";
import { listRuns, readHeld, readStandings } from "./runs/list-runs.ts";
import { readJournalPage, readNewestEntry } from "./runs/read-journal.ts";
import { findRunRow, readNewestRun, readRunRow, toRun } from "./runs/read-run.ts";
import type { MadeRun, NewRun, Run, RunFilter, Standing } from "./runs/run.ts";
import { claim, type TakenOver, takeOver } from "./runs/take-over.ts";
import type { SpaceCiphers } from "./space-ciphers.ts";
import type { ReadOptions, Store } from "./store.ts";
import { storeClosed } from "./store-closed.ts";
import { checkNewRun, incompleteList, runNotFound } from "./store-errors.ts";
import { withRetries } from "./transient.ts";
import { readOpenWaits, readWaitsForEnd } from "./waits/read-waits.ts";
import type { Wait, WaitForEnd } from "./waits/wait.ts";
import { readWorkers } from "./workers/beat.ts";
import { bury, readSuspects, suspectOf } from "./workers/bury.ts";
import { enterPostgres } from "./workers/postgres-presence.ts";
import type {
  NewWorker,
  Presence,
  Suspect,
  WorkerListener,
  WorkerState,
} from "./workers/worker.ts";

export interface PostgresStoreParts {
  readonly database: Database;
  readonly placement: Placement;
  readonly ciphers: SpaceCiphers;
  readonly limits: AppendLimits;
}

export class PostgresStore implements Store {
  readonly #database: Database;
  readonly #placement: Placement;
  readonly #ciphers: SpaceCiphers;
  readonly #limits: AppendLimits;
  readonly #appenders: ReadonlyMap<string, Appender>;
  readonly #hints: HintSender;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #presences = new Set<Presence>();
  #closing: Promise<void> | undefined;

  constructor({ database, placement, ciphers, limits }: PostgresStoreParts) {
    this.#database = database;
    this.#placement = placement;
    this.#ciphers = ciphers;
    this.#limits = limits;
    this.#hints = new HintSender(this.#home.control);
    const memories = new SpaceMemories();
    this.#appenders = new Map(
      placement.groups().map((group) => [group.id, new Appender(group, memories, limits)]),
    );
  }

  get description(): string {
    return this.#database.description;
  }

  async createRun(run: NewRun): Promise<MadeRun> {
    checkNewRun(run);
    const cipher = await this.#ciphers.of(run.spaceId ?? run.runId);
    const { is, row } = await this.#retry(() => createRun(this.#control(run.runId), cipher, run));
    if (is === "new" && run.ready !== false && !run.over) this.#hints.say("ready", run.app);
    return { is, run: await toRun(row, this.#ciphers) };
  }

  async run(runId: string): Promise<Run | undefined> {
    const row = await this.#retry(() => findRunRow(this.#control(runId), runId));
    return row && toRun(row, this.#ciphers);
  }

  async newestRun(spaceId: string): Promise<Run | undefined> {
    const row = await this.#retry(() => readNewestRun(this.#control(spaceId), spaceId));
    return row && toRun(row, this.#ciphers);
  }

  enter(worker: NewWorker, told: WorkerListener): Promise<Presence> {
    const parts = {
      database: this.#database,
      control: this.#home.control,
      worker,
      told,
      onHint: (payload: string) => this.#hints.heard(payload),
      onReleased: (app: string) => this.#hints.say("ready", app),
    };
    return this.#retry(async () => {
      const presence = await enterPostgres(parts);
      this.#presences.add(presence);
      return presence;
    });
  }

  workers(): Promise<readonly WorkerState[]> {
    return this.#retry(() => readWorkers(this.#home.control));
  }

  async suspects(self: NewWorker): Promise<readonly Suspect[]> {
    const rows = await this.#retry(() => readSuspects(this.#home.control, self));
    return rows.flatMap(suspectOf);
  }

  async bury(suspect: Suspect): Promise<boolean> {
    const apps = await this.#retry(() => bury(this.#home.control, suspect));
    for (const app of apps ?? []) this.#hints.say("ready", app);
    return apps !== undefined;
  }

  async claimReady(order: ReadyOrder): Promise<ReadyRuns> {
    const { claimed, nextInMs } = await this.#retry(() => claimReady(this.#home.control, order));
    const taken = claimed.map(async ({ row, taken }) => ({
      run: await toRun(row, this.#ciphers),
      writer: await this.#writer(row.run_id, taken),
    }));
    return { claimed: await Promise.all(taken), nextInMs };
  }

  async unblock(served: Served): Promise<number> {
    const count = await this.#retry(() => unblock(this.#home.control, served));
    if (count > 0) for (const app of served.apps) this.#hints.say("ready", app);
    return count;
  }

  async runs(filter: RunFilter): Promise<readonly Run[]> {
    const rows = await this.#retry(() => listRuns(this.#home.control, filter));
    return Promise.all(rows.map((row) => toRun(row, this.#ciphers)));
  }

  deploy(app: DeployedApp): Promise<void> {
    return this.#retry(() => deploy(this.#home.control, app));
  }

  apps(namespace: string): Promise<readonly DeployedApp[]> {
    return this.#retry(() => deployedApps(this.#home.control, namespace));
  }

  heldBy(workerId: string): Promise<readonly Standing[]> {
    return this.#retry(() => readHeld(this.#home.control, workerId));
  }

  standings(runIds: readonly string[]): Promise<readonly Standing[]> {
    return this.#retry(() => readStandings(this.#home.control, runIds));
  }

  listen(hear: (hint: Hint) => void): () => void {
    return this.#hints.listen(hear);
  }

  async claim(runId: string, workerId: string): Promise<Claim> {
    const claimed = await this.#retry(() => claim(this.#control(runId), runId, workerId));
    if (claimed.is !== "mine") return claimed;
    return { is: "mine", writer: await this.#writer(runId, claimed.taken) };
  }

  async takeOver(
    runId: string,
    { epoch }: { readonly epoch?: number } = {},
  ): Promise<JournalWriter> {
    const taken = await this.#retry(() => takeOver(this.#control(runId), runId, epoch));
    return this.#writer(runId, taken);
  }

  async amend(spaceId: string): Promise<Amending> {
    const amended = await this.#retry(() => amend(this.#control(spaceId), spaceId));
    if (amended.is !== "mine") return amended;
    return { is: "mine", writer: await this.#writer(amended.runId, amended.taken) };
  }

  async *journal(runId: string, { after = 0, ...known }: ReadOptions = {}): AsyncGenerator<Entry> {
    const { spaceId, cipher } = await this.#cipherOfRun(runId, known);
    for (let isLast = false; !isLast; ) {
      const page = await this.#retry(() =>
        readJournalPage(this.#control(runId), cipher, { runId, spaceId, after }),
      );
      yield* page.entries;
      after = page.entries.at(-1)?.seq ?? after;
      isLast = page.isLast;
    }
  }

  async newestEntry(runId: string, of: readonly string[]): Promise<Entry | undefined> {
    const { spaceId, cipher } = await this.#cipherOfRun(runId);
    return this.#retry(() => readNewestEntry(this.#control(runId), cipher, { runId, spaceId, of }));
  }

  async list(spaceId: string, list: ListId): Promise<readonly string[]> {
    return this.#texts(spaceId, Buffer.from(list, "hex"), await this.#ciphers.of(spaceId));
  }

  async fingerprints(spaceId: string): Promise<(text: string) => string> {
    const cipher = await this.#ciphers.of(spaceId);
    return (text) => fingerprint(cipher, text);
  }

  async session(spaceId: string, slot: string): Promise<StoredSession | undefined> {
    const cipher = await this.#ciphers.of(spaceId);
    const row = await this.#retry(() => readSessionSlot(this.#control(spaceId), spaceId, slot));
    if (row === undefined) return undefined;
    return {
      items: row.list === null ? undefined : await this.#texts(spaceId, row.list, cipher),
      value: row.body === null ? undefined : cipher.open(row.body),
      runId: row.run_id,
      at: row.at,
    };
  }

  waitsForEnd(of?: string): Promise<readonly WaitForEnd[]> {
    return this.#retry(() => readWaitsForEnd(this.#home.control, of));
  }

  async waits(runId: string, known: Pick<ReadOptions, "spaceId"> = {}): Promise<readonly Wait[]> {
    const { cipher } = await this.#cipherOfRun(runId, known);
    return this.#retry(() => readOpenWaits(this.#control(runId), cipher, runId));
  }

  async say(runId: string, message: NewControl): Promise<Said> {
    const { cipher } = await this.#cipherOfRun(runId);
    const { wokenApp, ...said } = await this.#retry(() =>
      say(this.#control(runId), cipher, runId, message),
    );
    if (said.won) this.#hints.say("said", runId);
    if (wokenApp !== undefined) this.#hints.say("ready", wokenApp);
    return said;
  }

  async said(
    runId: string,
    { after = 0, ...known }: ReadOptions = {},
  ): Promise<readonly Control[]> {
    const { cipher } = await this.#cipherOfRun(runId, known);
    return this.#retry(() => said(this.#control(runId), cipher, runId, after));
  }

  async heard(cursors: readonly ControlCursor[]): Promise<readonly Heard[]> {
    const all: Heard[] = [];
    for (const group of this.#placement.groups()) {
      const here = cursors.filter(
        ({ runId }) => this.#placement.groupOf(bucketOf(runId)).id === group.id,
      );
      all.push(...(await this.#retry(() => heard(group.control, this.#ciphers, here))));
    }
    return all;
  }

  pruneRun(runId: string): Promise<boolean> {
    return this.#retry(() => pruneRun(this.#chores(runId), runId));
  }

  deleteSpace(spaceId: string): Promise<boolean> {
    return this.#retry(() => deleteSpace(this.#chores(spaceId), spaceId));
  }

  async sweepDeleted({
    graceMs = DELETION_GRACE_MS,
  }: {
    readonly graceMs?: number;
  } = {}): Promise<number> {
    let swept = 0;
    for (const { chores } of this.#placement.groups()) {
      swept += await this.#retry(() => sweepDeleted(chores, graceMs));
    }
    return swept;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#appenders.values()].map((appender) => appender.close()));
    await Promise.allSettled(this.#underWay); // A pool that is ended forgets who waits for it.
    await Promise.allSettled([...this.#presences].map((presence) => presence.leave()));
    await this.#hints.stop();
    await this.#database.close();
  }

  async #texts(spaceId: string, hash: Buffer, cipher: SpaceCipher): Promise<readonly string[]> {
    return this.#retry(async () => {
      const pool = this.#control(spaceId);
      const [list] = await readLists(pool, spaceId, [hash]);
      if (list === undefined) throw incompleteList(spaceId, hash, "the list itself");
      return readTexts(pool, spaceId, list, cipher);
    });
  }

  async #cipherOfRun(
    runId: string,
    { spaceId }: Pick<ReadOptions, "spaceId"> = {},
  ): Promise<{ spaceId: string; cipher: SpaceCipher }> {
    if (spaceId !== undefined) return { spaceId, cipher: await this.#ciphers.of(spaceId) };
    const row = await this.#retry(() => readRunRow(this.#control(runId), runId));
    if (row === undefined) throw runNotFound(runId);
    return { spaceId: row.space_id, cipher: await this.#ciphers.of(row.space_id) };
  }

  async #writer(runId: string, { lastSeq, app, ...taken }: TakenOver): Promise<JournalWriter> {
    const bucket = bucketOf(runId);
    const cipher = await this.#ciphers.of(taken.spaceId);
    const appender = this.#appenders.get(this.#placement.groupOf(bucket).id)!;
    const hold = { bucket, runId, ...taken, cipher, lost: undefined };
    const say = (topic: keyof Hint, subject: string) => this.#hints.say(topic, subject);
    const queue = hintingQueue(appender, { runId, app }, say);
    return new QueuedJournalWriter(hold, lastSeq, queue);
  }

  /** Where workers are known, and what is asked of all runs together: a cluster has one such place. */
  get #home() {
    return this.#placement.groups()[0]!;
  }

  #control(id: string) {
    return this.#placement.groupOf(bucketOf(id)).control;
  }

  #chores(id: string) {
    return this.#placement.groupOf(bucketOf(id)).chores;
  }

  #retry<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(storeClosed());
    const work = withRetries(this.#limits.deadlineMs, run);
    const done = () => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }
}
