/** A run: how it is made, how it stands, how runs are listed. */
import type { NewEntry } from "../journal/entry.ts";

export interface NewRun {
  readonly runId: string;
  /** The thread or session the run belongs to; left out, the run has a space of its own. */
  readonly spaceId?: string;
  readonly spaceKey?: string;
  /** Another id that it goes by: of a name, which says nothing of where its thread is. */
  readonly nameId?: string;
  /** Makes it only if every other run of its space is over. Default: in any case. */
  readonly alone?: boolean;
  readonly parentId?: string;
  readonly namespace: string;
  readonly app: string;
  /** Where it waits for a worker. Default: `"default"`. */
  readonly queue?: string;
  /** The first entries of the journal, of epoch 0: there if and only if the run was made by this call. */
  readonly opening?: readonly Opening[];
  /**
   * Whether workers are to claim it by themselves. Otherwise only when whoever made it has had a while
   * to do so. Default: true.
   */
  readonly ready?: boolean;
  /** Makes one that nobody executes, completed from the beginning: it stands for what its space keeps. */
  readonly over?: boolean;
}

/** `busy`: it was not made, for this other run of its space is not over. */
export interface MadeRun {
  readonly is: "new" | "there" | "busy";
  readonly run: Run;
}

export type Opening = Pick<NewEntry, "entry" | "value">;

/** The last three are for good: such a run cannot be claimed. */
export type RunStatus = "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled";

export interface Run {
  readonly runId: string;
  readonly spaceId: string;
  readonly parentId: string | undefined;
  readonly namespace: string;
  readonly app: string;
  readonly status: RunStatus;
  /** What its owner gave as the reason of its status. A new owner clears it. */
  readonly why: string | undefined;
  readonly epoch: number;
  /** The worker that holds it: perhaps one that is dead. */
  readonly workerId: string | undefined;
  readonly queue: string;
  /** When workers may claim it, by the database's clock; nothing if they may not. */
  readonly readyInMs: number | undefined;
  /** What is wrong with it, as its owner put it: see `RunState.blocked`. */
  readonly blocked: string | undefined;
  readonly createdAt: Date;
}

export interface RunFilter {
  readonly namespace: string;
  readonly app?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly before?: Pick<Run, "runId" | "createdAt">;
}

/** As little of a run as it takes to see that it has moved. */
export interface Standing {
  readonly runId: string;
  readonly status: RunStatus;
  readonly epoch: number;
  /** Whether a worker that lives holds it. */
  readonly isHeld: boolean;
}
