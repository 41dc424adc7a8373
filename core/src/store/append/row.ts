/** Rows on their way to the database, each under the hold of the run that writes it. */
import type { SpaceCipher } from "../../cipher/index.ts";
import type { HoldfastError } from "../../errors/index.ts";
import type { ItemList, RowValue } from "../content/content.ts";
import type { RunStatus } from "../runs/run.ts";

/** A process's hold on a run: what the fence compares, and why it was lost. */
export interface RunHold {
  readonly bucket: number;
  readonly runId: string;
  readonly spaceId: string;
  readonly epoch: number;
  /** When the run was created: tells it from an earlier run of the same id. */
  readonly born: string;
  readonly cipher: SpaceCipher;
  /** The sweep of the space this hold has seen; a prune raises it. */
  sweeps: number;
  /** Set once: a run whose journal has a hole takes nothing more from this hold. */
  lost: HoldfastError | undefined;
}

/** What any row may bring into its space. */
interface Content {
  readonly list: ItemList | null;
  readonly value: RowValue;
}

export type Row = EntryRow | SessionRow | StateRow | WaitRow | ClosingRow;

export interface EntryRow extends Content {
  readonly into: "steps";
  readonly seq: number;
  readonly entry: string;
  readonly step: number | null;
  readonly kind: string | null;
  readonly name: string | null;
  readonly scope: string | null;
  readonly callId: string | null;
  readonly hash: string | null;
  readonly overlapped: boolean;
}

export interface SessionRow extends Content {
  readonly into: "sessions";
  readonly slot: string;
}

/** The state of the run itself; its value is the reason. */
export interface StateRow extends Content {
  readonly into: "runs";
  readonly status: RunStatus;
  readonly release: boolean;
  readonly readyInMs: number;
  readonly heardUpTo: number | null;
  readonly blocked: string | null;
}

export interface WaitRow extends Content {
  readonly into: "waits";
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly dueInMs: number | null;
}

interface ClosingRow extends Content {
  readonly into: "closings";
  /** Of the wait. */
  readonly seq: number;
}

/** Bytes of a row: held in memory until it is settled, and likely to be sent. */
export interface RowWeight {
  readonly held: number;
  readonly sent: number;
}

/** The ordered way in. */
export interface RowQueue {
  /**
   * Queues a row. The promise settles when the row is durable, or says why it never will be. With
   * patience, it may wait so long for a row behind it that has none.
   */
  append(hold: RunHold, row: Row, weight: RowWeight, patienceMs?: number): Promise<void>;
  /** Resolves when there is room for more. Producers that do not await their appends await this. */
  room(): Promise<void>;
}

/** A row in the queue. Settled exactly once, in the order of its run. */
export interface PendingRow {
  readonly hold: RunHold;
  readonly row: Row;
  readonly weight: RowWeight;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: HoldfastError) => void;
}
