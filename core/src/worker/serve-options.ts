/** How a worker serves, checked: an option that is misspelt would be one that is silently not there. */
import { HoldfastError } from "../errors/index.ts";
import type { QueueLimit } from "./serving.ts";

export interface ServeOptions {
  /** How many runs at once. Default: 32. */
  readonly concurrency?: number;
  /**
   * From which queues, and how many of each at once. Where there is room for only some, those of an
   * earlier queue go first. Default: from `"default"`.
   */
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

const OPTIONS = ["concurrency", "queues", "signals"];
const LIMIT = ["name", "concurrency"];

/** Throws OPTION_INVALID. */
export function checkServeOptions(given: ServeOptions): CheckedServeOptions {
  checkKnown("options", given, OPTIONS);
  const { concurrency = 32, queues = ["default"], signals = true } = given;
  checkConcurrency("concurrency", concurrency);
  if (typeof signals !== "boolean") throw invalid("signals", signals, "true or false");
  if (!Array.isArray(queues) || queues.length === 0) {
    throw invalid("queues", queues, "a list of at least one queue");
  }
  const limits = queues.map(checkQueue);
  if (new Set(limits.map(({ name }) => name)).size < limits.length) {
    throw invalid("queues", limits.map(({ name }) => name).join(", "), "each queue once");
  }
  return { concurrency, queues: limits, signals };
}

function checkQueue(queue: string | QueueLimit): QueueLimit {
  const limit = typeof queue === "string" ? { name: queue } : queue;
  checkKnown("queues", limit, LIMIT);
  const { name, concurrency } = limit;
  if (typeof name !== "string" || name === "") throw invalid("queues", name, "names");
  if (concurrency !== undefined) checkConcurrency(`queues: ${name}`, concurrency);
  return limit;
}

function checkKnown(option: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw invalid(option, given, `an object of ${known.join(", ")}`);
  }
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw invalid(key, "there", `one of ${known.join(", ")}`);
  }
}

function checkConcurrency(option: string, concurrency: unknown): void {
  if (Number.isInteger(concurrency) && (concurrency as number) > 0) return;
  throw invalid(option, concurrency, "a whole number from 1");
}

function invalid(option: string, found: unknown, expected: string): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `The option ${option} of serve() is ${String(found)}.`,
    {
      hint: `Give ${expected}.`,
      details: { option, expected },
    },
  );
}
