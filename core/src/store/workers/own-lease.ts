/**
 * Whether a worker certainly lives, by the clocks of its own process: it does for a lease from the moment
 * at which it sent the last beat that was answered. Invariant: a process that was stopped, or cut off, for
 * longer does not take what it still hears for the present. Shared with the thread of its session.
 */
export type SharedLease = BigInt64Array<SharedArrayBuffer>;

/** A moment by both clocks: one stands still while the machine sleeps, the other can be set. */
export interface Sent {
  readonly monotonicNs: bigint;
  readonly wallMs: number;
}

export class OwnLease {
  readonly shared: SharedLease;
  readonly #leaseMs: number;

  constructor(leaseMs: number, shared?: SharedLease) {
    this.#leaseMs = leaseMs;
    this.shared = shared ?? new BigInt64Array(new SharedArrayBuffer(16));
  }

  /** To be asked right before a beat is sent. */
  now(): Sent {
    return { monotonicNs: process.hrtime.bigint(), wallMs: Date.now() };
  }

  /** The beat that was sent then was answered. */
  renewed({ monotonicNs, wallMs }: Sent): void {
    Atomics.store(this.shared, 0, monotonicNs);
    Atomics.store(this.shared, 1, BigInt(wallMs));
  }

  get isCertain(): boolean {
    const { monotonicNs, wallMs } = this.now();
    const [sentNs, sentMs] = [Atomics.load(this.shared, 0), Atomics.load(this.shared, 1)];
    const ageMs = Math.max(Number(monotonicNs - sentNs) / 1e6, wallMs - Number(sentMs));
    return ageMs < this.#leaseMs;
  }
}
