/** A process that serves apps, as its program sees it. */
import type { HoldfastError } from "../errors/index.ts";

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
   * and run again elsewhere. Default: 10 s.
   */
  readonly grace?: number;
}

export const GRACE_MS = 10_000;
