/** A process that serves apps, as its program sees it. */
import { HoldfastError } from "../errors/index.ts";

export interface Worker {
  /** The names of the apps it serves. */
  readonly apps: readonly string[];
  /** Of apps it was to serve and cannot: why. */
  readonly refused: ReadonlyMap<string, HoldfastError>;
  /** How many runs it works on right now. */
  readonly busy: number;
  /**
   * Claims nothing more, lets the steps that are under way end, and hands the rest over at once.
   * Resolves when nothing is under way here any more.
   */
  drain(options?: DrainOptions): Promise<void>;
  /** Resolves when it was drained, by this process or a signal. */
  readonly done: Promise<void>;
}

export interface DrainOptions {
  /**
   * Milliseconds that steps under way may take to end. Those that take longer are told by their signal,
   * and run again elsewhere. `Infinity`: as long as they take. Default: 10 s.
   */
  readonly grace?: number;
}

const GRACE_MS = 10_000;

/** Throws OPTION_INVALID. */
export function graceOf({ grace = GRACE_MS }: DrainOptions): number {
  if (typeof grace === "number" && grace >= 0) return grace;
  throw new HoldfastError("OPTION_INVALID", `The option grace is ${String(grace)}.`, {
    hint: "Give a number of milliseconds from 0.",
    details: { option: "grace" },
  });
}
