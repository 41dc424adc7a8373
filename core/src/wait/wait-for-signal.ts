import { HoldfastError } from "../errors/index.ts";
import { currentRun } from "../run/run-context.ts";
import { ask } from "./ask.ts";

export interface SignalOptions {
  /** Milliseconds after which it fails with WAIT_EXPIRED. Default: it waits as long as it takes. */
  readonly timeout?: number;
}

/**
 * Waits for `handle.signal(name, value)` and returns the value. Signals of one name are taken in the
 * order in which they came, each once, also those that came before anyone waited.
 */
export async function waitForSignal<T = unknown>(
  name: string,
  { timeout }: SignalOptions = {},
): Promise<T> {
  const run = currentRun(`waitForSignal("${name}")`);
  const { kind, value } = await ask(run, { kind: "signal", name, dueInMs: timeout });
  if (kind !== "due") return value as T;
  throw new HoldfastError(
    "WAIT_EXPIRED",
    `No signal "${name}" came to run ${run.runId} within ${timeout} ms.`,
    {
      hint: "Catch this error to go on without the signal, or give a longer timeout.",
      details: { runId: run.runId, name, timeout },
    },
  );
}
