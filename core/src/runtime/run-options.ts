/** What Holdfast itself is told about a run: the one key it adds to the framework's own options. */
import { HoldfastError } from "../errors/index.ts";
import type { ApprovalPolicy, Policies } from "../run/policies.ts";

export interface DurableOptions {
  /**
   * Names the run, in words of yours: asking again for the same name attaches to the same run.
   * Default: a new run each time.
   */
  readonly runId?: string;
  /**
   * Names the request that asks for the run: asking again with the same key attaches to the same run.
   * As `runId`, but not a name that a handle is found by.
   */
  readonly idempotencyKey?: string;
  /** Where the run waits for a worker, if workers take it up. Default: `"default"`. */
  readonly queue?: string;
  /**
   * What is done if the thread or session has a run that is not over. `"reject"`: THREAD_BUSY.
   * `"queue"`: this one is made when that one is over. Default: `"reject"`.
   */
  readonly onBusy?: "reject" | "queue";
  /** What the app is called in lists. Default: its own name. */
  readonly name?: string;
  readonly policies?: Policies;
  /** Which calls of tools a person has to approve: short for `policies.approve`. Default: none. */
  readonly approve?: ApprovalPolicy;
  /**
   * What `run` does when the framework itself returns to wait for an answer. `"pause"`: it returns what
   * the framework returned. `"end"`: it waits for the answer and returns the end. Default: `"pause"`.
   */
  readonly until?: "pause" | "end";
}

export type RunOptions<Options> = Options & { readonly durable?: DurableOptions };

/** Of each option, what it has to be. */
const EXPECTED: Readonly<
  Record<keyof DurableOptions, readonly [expected: string, is: (value: unknown) => boolean]>
> = {
  runId: ["a string that is not empty", isName],
  idempotencyKey: ["a string that is not empty", isName],
  queue: ["a string that is not empty", isName],
  name: ["a string", (value) => typeof value === "string"],
  policies: ["an object", (value) => typeof value === "object" && value !== null],
  approve: [
    'an object like { tools: ["refund"] }',
    (value) => typeof value === "object" && value !== null && "tools" in value,
  ],
  onBusy: ['"reject" or "queue"', (value) => value === "reject" || value === "queue"],
  until: ['"pause" or "end"', (value) => value === "pause" || value === "end"],
};

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** What tells the run from others, if its user says. */
export function keyOf({ runId, idempotencyKey }: DurableOptions): string | undefined {
  return runId ?? (idempotencyKey && `idempotency key ${idempotencyKey}`);
}

/** Throws OPTION_INVALID. An option that is misspelt would be one that is silently not there. */
function checkDurable(durable: unknown): void {
  if (typeof durable !== "object" || durable === null)
    throw invalid("durable", durable, "an object");
  for (const [option, value] of Object.entries(durable)) {
    if (!Object.hasOwn(EXPECTED, option)) {
      throw invalid(`durable.${option}`, value, `one of ${Object.keys(EXPECTED).join(", ")}`);
    }
    const [expected, is] = EXPECTED[option as keyof DurableOptions];
    if (value !== undefined && !is(value)) throw invalid(`durable.${option}`, value, expected);
  }
}

function invalid(option: string, found: unknown, expected: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", `The option ${option} is ${String(found)}.`, {
    hint: `Give ${expected}.`,
    details: { option, expected },
  });
}

export function splitOptions(options: object | null | undefined): {
  readonly durable: DurableOptions;
  readonly options: object | undefined;
} {
  if (options === undefined || options === null) return { durable: {}, options: undefined };
  const { durable = {}, ...rest } = options as RunOptions<object>;
  checkDurable(durable);
  return {
    durable: withApprovals(durable),
    options: Object.keys(rest).length === 0 ? undefined : rest,
  };
}

function withApprovals({ approve, ...durable }: DurableOptions): DurableOptions {
  return approve === undefined
    ? durable
    : { ...durable, policies: { ...durable.policies, approve } };
}
