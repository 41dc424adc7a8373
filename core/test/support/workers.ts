import { onTestFinished } from "vitest";
import {
  type Claim,
  type JournalWriter,
  type NewWorker,
  newId,
  type Presence,
  type Store,
} from "../../src/store/index.ts";

export const MINUTE = 60_000;

export interface EnteredWorker {
  readonly worker: NewWorker;
  readonly id: string;
  readonly presence: Presence;
  /** Resolves when it hears that it was taken for dead. */
  readonly buried: Promise<void>;
}

/** A worker that lives for a minute at least, wherever and whoever it says it is. */
export async function enter(store: Store, given: Partial<NewWorker> = {}): Promise<EnteredWorker> {
  const worker = { id: newId(), leaseMs: MINUTE, host: "here", pid: 1, ...given };
  const { promise: buried, resolve } = Promise.withResolvers<void>();
  const presence = await store.enter(worker, { buried: resolve, noticed: () => {} });
  return { worker, id: worker.id, presence, buried };
}

/** The same, until the test has ended. */
export async function newWorker(
  store: Store,
  given: Partial<NewWorker> = {},
): Promise<EnteredWorker> {
  const entered = await enter(store, given);
  onTestFinished(() => entered.presence.leave());
  return entered;
}

export function writerOf(claim: Claim): JournalWriter {
  if (claim.is !== "mine") throw new Error(`not claimed: ${JSON.stringify(claim)}`);
  return claim.writer;
}
