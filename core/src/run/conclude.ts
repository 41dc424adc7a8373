/**
 * Makes durable how an attempt ended, and lets go of the run. Invariant: what ends the run, or says why it
 * waits, stands behind everything else the attempt has said, and nothing returns to the program any more.
 */
import type { NewEntry } from "../store/index.ts";
import type { AttemptEnd, ProgramEnd } from "./attempt.ts";
import { encodeFailure, originOf } from "./failure.ts";
import type { Orders } from "./orders.ts";
import { outputEntry } from "./output.ts";
import type { RunContext } from "./run-context.ts";
import { putCancelled, putEnd, sayCancelled } from "./run-end.ts";
import { type Why, whyWaiting } from "./why.ts";

/** What an attempt comes to, before anything is written of it. */
export type Ending =
  | ProgramEnd
  | { readonly is: "threw"; readonly error: unknown }
  | { readonly is: "cancelled" }
  | Exclude<AttemptEnd, { readonly is: "completed" | "failed" | "over" }>;

export async function conclude(
  run: RunContext,
  orders: Orders,
  ending: Ending,
): Promise<AttemptEnd> {
  const { writer, waits, codec } = run;
  // What the program left behind, the loser of a race, is not part of the run any more.
  run.execution.stop(stopReason(orders, ending));
  switch (ending.is) {
    case "ended": {
      const { output } = ending;
      const end = endWith(run, "stored" in ending ? ending.stored : output);
      if ("is" in end) return conclude(run, orders, end);
      await putEnd(writer, "completed", end);
      return { is: "completed", output };
    }
    case "threw": {
      const { error } = ending;
      const step = originOf(error);
      const value = { text: encodeFailure(codec, error).text };
      const entry = { entry: "run failed", value, ...(step === undefined ? {} : { step }) };
      await putEnd(writer, "failed", entry);
      return { is: "failed", error };
    }
    case "cancelled":
      // That bodies have begun is all the journal has of those that are under way.
      await putCancelled(writer, codec, orders.cancellation ?? {});
      return { is: "over" };
    case "left": {
      if (waits.isStopped || waits.isLeftAnswered) return conclude(run, orders, { is: "again" });
      const { heardUpTo, open } = waits;
      const why = whyWaiting(open);
      // What was asked before stays: of a program that was left, a branch may not have come to it yet.
      await rest(run, { why, heardUpTo });
      return { is: "waiting", why, heardUpTo, left: ending.output };
    }
    case "waiting":
      waits.withdrawUnasked();
      await rest(run, ending);
      return ending;
    case "unreadable": {
      const { error } = ending;
      const explanation = error instanceof Error ? error.message : String(error);
      run.logger.error(explanation, { runId: run.runId });
      const why: Why = { reason: "unreadable", explanation };
      await rest(run, { why, heardUpTo: waits.heardUpTo, blocked: "unreadable" });
      return ending;
    }
    case "diverged": {
      const why: Why = { reason: "divergence", explanation: ending.error.message };
      writer.append({ entry: "diverged", value: { text: codec.encode(why).text } });
      run.logger.error(ending.error.message, { runId: run.runId });
      await rest(run, { why, heardUpTo: waits.heardUpTo, blocked: "divergence" });
      return ending;
    }
    case "again":
    case "drained":
      if (orders.cancellation !== undefined) return conclude(run, orders, { is: "cancelled" });
      if (orders.pause !== undefined) {
        const why: Why = { reason: "paused", ...orders.pause };
        const { heardUpTo } = waits;
        await rest(run, { why, heardUpTo, blocked: "paused" });
        return { is: "waiting", why, heardUpTo };
      }
      // Behind all that it has said: who takes the run up from here is to see that.
      await writer.putState({ status: "queued", release: true });
      return ending;
    case "lost":
      return ending;
  }
}

/** What bodies that are under way are told. */
export function stopReason({ cancellation = {} }: Orders, { is }: Ending): DOMException {
  const reason =
    is === "cancelled"
      ? sayCancelled("The run", cancellation)
      : "The run is over, or goes on later or elsewhere.";
  return new DOMException(reason, "AbortError");
}

interface Rest {
  readonly why: Why;
  readonly heardUpTo: number;
  /** What is wrong, if it is not for waits that it waits. */
  readonly blocked?: string;
}

/** It waits, for anybody to take it up. */
function rest({ codec, writer }: RunContext, { why, heardUpTo, blocked }: Rest): Promise<void> {
  const state = { why: codec.encode(why).text, heardUpTo, ...(blocked && { blocked }) };
  return writer.putState({ status: "waiting", ...state, release: true });
}

/** A run whose output cannot be stored has failed: nobody else could be given it. */
function endWith(
  run: RunContext,
  output: unknown,
): NewEntry | { readonly is: "threw"; readonly error: unknown } {
  try {
    const { entry, losses } = outputEntry(run.codec, output);
    run.reportLosses({ what: "The output", losses });
    return entry;
  } catch (error) {
    return { is: "threw", error };
  }
}
