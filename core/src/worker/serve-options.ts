/** How a worker serves, checked: an option that is misspelt would be one that is silently not there. */
import { HoldfastError } from "../errors/index.ts";
import type { QueueLimit } from "./serving.ts";

export interface ServeOptions {
  /** How many runs at once. Default: 32. */
  readonly concurrency?: number;
  /** From which queues, and how many of each at once. Default: from `"default"`. */
  readonly queues?: readonly (string | QueueLimit)[];
  /**
   * Whether SIGTERM and SIGINT drain the runtime before they end the process. Default: true, as for a
   * process that does nothing else.
   */
  readonly signals?: boolean;
}

export interface CheckedServeOptions {
  readonly concurrency: number;
  readonly queues: readonly QueueLimit[];
  readonly signals: boolean;
}

const KNOWN = ["concurrency", "queues", "signals"];

/** Throws OPTION_INVALID. */
export function checkServeOptions(options: ServeOptions): CheckedServeOptions {
  for (const option of Object.keys(options)) {
    if (!KNOWN.includes(option)) throw invalid(option, "there", `one of ${KNOWN.join(", ")}`);
  }
  const { concurrency = 32, queues = ["default"], signals = true } = options;
  checkConcurrency("concurrency", concurrency);
  if (!Array.isArray(queues) || queues.length === 0) {
    throw invalid("queues", String(queues), "a list of at least one queue");
  }
  const limits = queues.map((queue: string | QueueLimit) =>
    typeof queue === "string" ? { name: queue } : queue,
  );
  for (const { name, concurrency: limit } of limits) {
    if (typeof name !== "string" || name === "") throw invalid("queues", String(name), "names");
    if (limit !== undefined) checkConcurrency(`queues: ${name}`, limit);
  }
  if (new Set(limits.map(({ name }) => name)).size < limits.length) {
    throw invalid("queues", limits.map(({ name }) => name).join(", "), "each queue once");
  }
  return { concurrency, queues: limits, signals };
}

function checkConcurrency(option: string, concurrency: unknown): void {
  if (Number.isInteger(concurrency) && (concurrency as number) > 0) return;
  throw invalid(option, String(concurrency), "a whole number from 1");
}

function invalid(option: string, found: string, expected: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", `The option ${option} of serve() is ${found}.`, {
    hint: `Give ${expected}.`,
    details: { option, expected },
  });
}
