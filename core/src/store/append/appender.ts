/**
 * The one way into the journals: group commit over all runs of a process, for one placement group.
 *
 * Invariant: one queue, one flush in flight, so the rows of a run commit in the order they came. A
 * row that cannot be stored loses its run's hold, and with it every later row of that run: a journal
 * never has a hole. Other runs of the batch are unaffected. What was acknowledged is durable; what
 * was not is sent again until it is, or until its deadline.
 */
import { HoldfastError } from "../../errors/index.ts";
import type { SpaceMemories } from "../content/space-memory.ts";
import type { PlacementGroup } from "../placement.ts";
import { storeClosed } from "../store-closed.ts";
import { takenOver } from "../store-errors.ts";
import { backOff, isTransient, unavailable } from "../transient.ts";
import { flush } from "./flush.ts";
import { keyOfRow, learn, planBatch } from "./plan.ts";
import { judgeRefused } from "./refusal.ts";
import type { PendingRow, RowQueue, RowWeight, RunHold } from "./row.ts";
import { warmUp } from "./warm-up.ts";

export interface AppendLimits {
  /** Most rows of one flush. Default 512. */
  readonly batchRows: number;
  /** Most bytes of one flush; a larger row travels alone. Default 4 MiB. */
  readonly batchBytes: number;
  /** Bytes waiting to be written above which `room()` makes producers wait. Default 64 MiB. */
  readonly highWaterBytes: number;
  /** How long a row is tried before it fails with `STORE_UNAVAILABLE`. Default 60 s. */
  readonly deadlineMs: number;
  /** How long one try may take before its connection is given up. Default 30 s. */
  readonly tryMs: number;
}

export const DEFAULT_APPEND_LIMITS: AppendLimits = {
  batchRows: 512,
  batchBytes: 4 * 1024 * 1024,
  highWaterBytes: 64 * 1024 * 1024,
  deadlineMs: 60_000,
  tryMs: 30_000,
};

export class Appender implements RowQueue {
  readonly #group: PlacementGroup;
  readonly #memories: SpaceMemories;
  readonly #limits: AppendLimits;
  readonly #waitingForRoom: (() => void)[] = [];
  #queue: PendingRow[] = [];
  #bytes = 0;
  #draining: Promise<void> | undefined;
  /** Until it ends, nothing is sent for the sake of rows with patience alone. */
  #patience: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(group: PlacementGroup, memories: SpaceMemories, limits: AppendLimits) {
    this.#group = group;
    this.#memories = memories;
    this.#limits = limits;
  }

  append(hold: RunHold, row: PendingRow["row"], weight: RowWeight, patienceMs = 0): Promise<void> {
    if (this.#closed) return Promise.reject(storeClosed());
    const durable = new Promise<void>((resolve, reject) => {
      const deadline = Date.now() + this.#limits.deadlineMs;
      this.#queue.push({ hold, row, weight, deadline, resolve, reject });
    });
    this.#bytes += weight.held;
    if (patienceMs === 0) this.#begin();
    else this.#patience ??= setTimeout(() => this.#begin(), patienceMs);
    return durable;
  }

  async room(): Promise<void> {
    while (this.#bytes > this.#limits.highWaterBytes) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    }
  }

  /** Takes nothing more, and resolves when everything queued is settled. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#begin();
    await this.#draining;
  }

  #begin(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    // A microtask later, so that what one turn of the program appends shares a flush.
    this.#draining ??= Promise.resolve().then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) await this.#commit(this.#takeBatch());
    this.#draining = undefined;
  }

  #takeBatch(): readonly PendingRow[] {
    let bytes = 0;
    let count = 0;
    for (const row of this.#queue) {
      bytes += row.weight.sent;
      if (count > 0 && (count === this.#limits.batchRows || bytes > this.#limits.batchBytes)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** Settles every row of the batch. */
  async #commit(batch: readonly PendingRow[]): Promise<void> {
    let open = this.#sendable(batch);
    for (let attempt = 0; open.length > 0; attempt += 1) {
      let cause: unknown;
      try {
        open = await this.#tryOnce(open);
      } catch (error) {
        // Not the moment but some row in it: look for the row, and save the others.
        if (!isTransient(error)) return this.#isolate(open, error);
        cause = error;
      }
      if (open.length > 0) await backOff(attempt);
      open = this.#sendable(open, cause);
    }
  }

  /** One try. Returns the rows that are to be sent again. Settles nothing when it throws. */
  async #tryOnce(batch: readonly PendingRow[]): Promise<readonly PendingRow[]> {
    await warmUp(this.#group.control, batch, this.#memories);
    const plan = planBatch(batch, this.#memories);
    const accepted = await flush(this.#group.append, plan, this.#limits.tryMs);
    const refused = batch.filter(({ hold, row }) => !accepted.has(keyOfRow(hold, row)));
    const verdicts =
      refused.length === 0 ? new Map() : await judgeRefused(this.#group.control, refused);

    const again: PendingRow[] = [];
    for (const pending of batch) {
      const verdict = verdicts.get(pending) ?? "stored";
      if (verdict === "again") again.push(pending);
      else if (verdict === "stored") this.#resolve(pending);
      else this.#lose(pending, verdict);
      if (!verdicts.has(pending)) learn(plan, pending.hold);
    }
    return again;
  }

  async #isolate(batch: readonly PendingRow[], error: unknown): Promise<void> {
    if (batch.length === 1) return this.#lose(batch[0]!, refusedRow(batch[0]!, error));
    const middle = Math.ceil(batch.length / 2);
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }

  /**
   * Without the rows of runs whose hold is lost (there would be a hole before them), of runs that
   * this process itself took over again (one plan has room for one epoch of a run), or too late.
   */
  #sendable(batch: readonly PendingRow[], cause?: unknown): readonly PendingRow[] {
    const now = Date.now();
    const newest = new Map<string, number>();
    for (const { hold } of batch) {
      newest.set(hold.runId, Math.max(hold.epoch, newest.get(hold.runId) ?? 0));
    }
    return batch.filter((pending) => {
      const { hold, deadline } = pending;
      const epoch = newest.get(hold.runId)!;
      if (epoch > hold.epoch) hold.lost ??= takenOver(hold, epoch);
      if (hold.lost === undefined && (cause === undefined || now < deadline)) return true;
      this.#lose(pending, unavailable(this.#limits.deadlineMs, cause));
      return false;
    });
  }

  #lose(pending: PendingRow, error: HoldfastError): void {
    pending.hold.lost ??= error;
    this.#release(pending);
    pending.reject(pending.hold.lost);
  }

  #resolve(pending: PendingRow): void {
    this.#release(pending);
    pending.resolve();
  }

  #release({ weight }: PendingRow): void {
    this.#bytes -= weight.held;
    if (this.#bytes > this.#limits.highWaterBytes) return;
    for (const wake of this.#waitingForRoom.splice(0)) wake();
  }
}

function refusedRow({ hold }: PendingRow, cause: unknown): HoldfastError {
  if (HoldfastError.is(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoldfastError(
    "STORE_REFUSED_ROW",
    `The database refused an entry of run ${hold.runId}: ${reason}`,
    {
      hint: "The reason above is the database's own. If it names a permission or a missing table, mend that; the run can then be taken over.",
      cause,
      details: { runId: hold.runId },
    },
  );
}
