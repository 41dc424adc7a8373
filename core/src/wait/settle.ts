/**
 * A person says how a step ended of which nobody knows: its process died while the body ran. Until
 * then the step neither runs nor returns.
 */
import { HoldfastError } from "../errors/index.ts";
import type { Outcome, StepRecord } from "../journal/index.ts";
import { encodeFailure } from "../run/failure.ts";
import type { RunContext } from "../run/run-context.ts";
import { answerOf } from "./answer.ts";

/** What can be said of a step in doubt. */
export type Settlement =
  | { readonly is: "done"; readonly result: unknown }
  | { readonly is: "retry" }
  | { readonly is: "failed"; readonly note?: string };

export async function settleByPerson(
  run: RunContext,
  record: StepRecord,
): Promise<Outcome | "retry"> {
  const { codec, writer, waits, execution } = run;
  const { seq: step, identity } = record;
  let answer = record.doubt?.answer;
  if (answer === undefined) {
    const seq = record.doubt?.seq ?? writer.append({ entry: "in doubt", step }).seq;
    const body = codec.encode({ step, name: identity.name }).text;
    const question = { seq, kind: "doubt", name: identity.name, fingerprint: identity.hash, body };
    const control = await execution.park(() => waits.answer(question));
    answer = await run.orUnreadable(() => codec.encode(answerOf(codec, control)).text);
    writer.append({ entry: "settled", step, value: { text: answer } });
  }
  const { value, by } = (await run.read(answer)) as { value: Settlement; by: string | undefined };
  if (value.is === "retry") return "retry";
  if (value.is === "done") return { failed: false, text: codec.encode(value.result).text };
  const error = new HoldfastError(
    "STEP_SETTLED_AS_FAILED",
    `Step ${step} "${identity.name}" of run ${run.runId} was settled as failed${by === undefined ? "" : ` by ${by}`}${value.note === undefined ? "." : `: ${value.note}`}`,
    {
      hint: "Its process died while it ran, and this was decided about it. The run goes on as after any failure of the step.",
      details: { runId: run.runId, step, by, note: value.note },
    },
  );
  return { failed: true, text: encodeFailure(codec, error).text };
}
