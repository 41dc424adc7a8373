/** What Holdfast itself is told about a run: the one key it adds to the framework's own options. */
import type { Policies } from "../run/policies.ts";

export interface DurableOptions {
  /**
   * Names the run, in words of yours: asking again for the same name attaches to the same run.
   * Default: a new run each time.
   */
  readonly runId?: string;
  /** What the app is called in lists. Default: its own name. */
  readonly name?: string;
  readonly policies?: Policies;
  /**
   * What `run` does when the framework itself returns to wait for an answer. `"pause"`: it returns what
   * the framework returned. `"end"`: it waits for the answer and returns the end. Default: `"pause"`.
   */
  readonly until?: "pause" | "end";
}

export type RunOptions<Options> = Options & { readonly durable?: DurableOptions };

export function splitOptions(options: object | undefined): {
  readonly durable: DurableOptions;
  readonly options: object | undefined;
} {
  if (options === undefined) return { durable: {}, options: undefined };
  const { durable = {}, ...rest } = options as RunOptions<object>;
  return { durable, options: Object.keys(rest).length === 0 ? undefined : rest };
}
