/** Says on the run and in the log that a stored value is less than the one the program has. */
import type { Loss } from "../codec/index.ts";
import type { Logger } from "../logger.ts";
import type { JournalWriter } from "../store/index.ts";

export interface LossReport {
  readonly step?: number;
  /** `The result of step …`, for people. */
  readonly what: string;
  readonly losses: readonly Loss[];
}

export function reportLosses(
  { writer, logger }: { readonly writer: JournalWriter; readonly logger: Logger },
  { step, what, losses }: LossReport,
): void {
  if (losses.length === 0) return;
  const { runId } = writer;
  const value = { text: JSON.stringify(losses) };
  writer.append({ entry: "lossy", value, ...(step === undefined ? {} : { step }) });
  const [first] = losses;
  logger.warn(
    `${what} will not be the same after a restart: ${first!.what} at ${first!.path}. Teach the codec this kind of value: docs/values.md`,
    { runId, step, losses },
  );
}
