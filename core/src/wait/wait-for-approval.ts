import { currentRun } from "../run/run-context.ts";
import { ask } from "./ask.ts";

export interface ApprovalOptions {
  /** What is shown to whoever decides. The decision is bound to it. Default: only the name. */
  readonly show?: unknown;
  /** Milliseconds after which it counts as rejected. Default: it waits as long as it takes. */
  readonly expires?: number;
}

export interface Approval {
  readonly approved: boolean;
  /** What the person changed of what was shown, if anything. */
  readonly args?: unknown;
  readonly note?: string;
  /** `"system"` if nobody decided in time. */
  readonly by?: string;
  readonly at: Date;
}

/** What a person says of a question that can be approved. */
export interface Verdict {
  readonly approved: boolean;
  readonly args?: unknown;
  readonly note?: string;
}

/**
 * Waits until a person decides: `handle.approve()` or `handle.reject()`, in any process, today or in a
 * month. The run leaves memory meanwhile. Throws NOT_IN_A_RUN outside a run.
 */
export async function waitForApproval(
  name: string,
  { show, expires }: ApprovalOptions = {},
): Promise<Approval> {
  const run = currentRun(`waitForApproval("${name}")`);
  const { kind, value, by, at } = await ask(run, {
    kind: "approval",
    name,
    asked: show,
    dueInMs: expires,
  });
  const verdict: Verdict =
    kind === "due" ? { approved: false, note: "Nobody decided in time." } : (value as Verdict);
  return { ...verdict, ...(by === undefined ? {} : { by }), at };
}
