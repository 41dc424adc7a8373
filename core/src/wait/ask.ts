/**
 * Asks somebody outside, durably: a question is a step whose body is that somebody. Its identity is
 * what is asked, so an answer is never taken for one to another question.
 */
import { currentScope, type WaitKind, type WaitRequest } from "../journal/index.ts";
import { alone } from "../run/alone.ts";
import { checkName } from "../run/check-name.ts";
import type { RunContext } from "../run/run-context.ts";
import { type Answer, answerOf } from "./answer.ts";
import { checkDue } from "./check-due.ts";

export interface Question {
  readonly kind: WaitKind;
  readonly name: string;
  /** The framework's own id of what is asked about. */
  readonly callId?: string | undefined;
  /** What is shown to whoever answers. Default: nothing but the name. */
  readonly asked?: unknown;
  /** What tells it from other questions of its name. Default: what is asked. */
  readonly identity?: unknown;
  /** Milliseconds after which it is answered as `due`. Default: never. */
  readonly dueInMs?: number | undefined;
  /**
   * The framework takes the answer before it comes to where it asked. To be asked in a scope that is
   * closed right after. Default: false.
   */
  readonly ahead?: boolean;
}

/** Waits in place until the question is answered. */
export async function ask(run: RunContext, question: Question): Promise<Answer> {
  const answer = await askWith(run, question, false);
  return answer!;
}

/**
 * For frameworks that leave the program to wait: the answer if there is one; otherwise the question is
 * open, and is to be asked again by the execution that comes after it is answered.
 */
export function askOrLeave(run: RunContext, question: Question): Promise<Answer | undefined> {
  return askWith(run, question, true);
}

/** For frameworks that ask a question no more: it is not shown to people any longer, nor answered. */
export async function withdraw(run: RunContext, question: Question): Promise<void> {
  await run.execution.ask(requestOf(run, question), async (seq) => {
    run.waits.withdraw(seq);
    return undefined;
  });
}

function askWith(
  run: RunContext,
  question: Question,
  leaves: boolean,
): Promise<Answer | undefined> {
  const { kind, name, callId, asked } = question;
  const tellsApart = callId !== undefined || asked !== undefined || "identity" in question;
  // Signals and timers of one name are the same to whoever gives them, too.
  if (tellsApart || kind === "signal" || kind === "timer") return askOne(run, question, leaves);
  const hint = "Give each a name of its own, or show what it is about.";
  const what = `${kind} "${name}"`;
  return alone({ runId: run.runId, what, hint }, () => askOne(run, question, leaves));
}

async function askOne(
  run: RunContext,
  question: Question,
  leaves: boolean,
): Promise<Answer | undefined> {
  const { kind, name, dueInMs: given } = question;
  checkName(kind, name);
  const dueInMs = checkDue(kind, name, given);
  const { codec, waits } = run;
  const request = requestOf(run, question);
  const [body] = request.input ?? [];
  let live: Answer | undefined;

  const result = await run.execution.ask(request, async (seq) => {
    const scope = currentScope.getStore();
    const asked = { seq, kind, name, fingerprint: request.hash, body, dueInMs, scope };
    const control = leaves ? waits.answerNow(asked) : await waits.answer(asked);
    if (control === undefined) return undefined;
    live = await run.orUnreadable(() => answerOf(codec, control));
    return { failed: false, text: codec.encode(live).text };
  });
  if (result === undefined) return undefined;
  return live ?? ((await run.read(result.text)) as Answer);
}

function requestOf(
  run: RunContext,
  { kind, name, callId, asked, ahead = false, ...rest }: Question,
): WaitRequest {
  return {
    kind,
    name,
    hash: run.fingerprint("identity" in rest ? rest.identity : asked),
    ahead,
    ...(callId === undefined ? {} : { callId }),
    ...(asked === undefined ? {} : { input: [run.codec.encode(asked).text] }),
  };
}
