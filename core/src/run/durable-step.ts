/**
 * A step on values: what the journal keeps as texts. Invariant: the caller of a live step gets the
 * very value its body returned; after a restart it gets what the codec makes of it, and where the two
 * differ that is reported when it is stored, not when it is missed.
 */
import type { Encoded } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { BodyOutcome, Outcome, StepInside, StepRecord } from "../journal/index.ts";
import { settleByPerson } from "../wait/settle.ts";
import { checkName } from "./check-name.ts";
import { encodeFailure, setOrigin } from "./failure.ts";
import { checkStepPolicy, retryDelay } from "./policies.ts";
import type { RunContext } from "./run-context.ts";
import type { StepCall } from "./step-call.ts";
import { limitTime } from "./time-limit.ts";

/** What a body came to in this process, beside the text of it. */
interface Live<T> {
  readonly text?: string;
  readonly value?: T;
  readonly thrown?: unknown;
  /** Whether the body came to its end: what failed is to store what it returned. */
  readonly done?: boolean;
}

export async function durableStep<T>(run: RunContext, call: StepCall<T>): Promise<T> {
  const { kind, name, callId, policy = {} } = call;
  checkName("step", name);
  checkStepPolicy(name, policy);
  const input = call.input?.map((value) => run.codec.encode(value).text);
  let live: Live<T> = {};
  /** What was thrown instead, if the program did not wait for the body. */
  let givenUp: Live<T> | undefined;
  /** The newest try, while the step can be given up. */
  let body: StepInside | undefined;
  const giveUp = (thrown: unknown): Outcome => {
    const { text } = encodeFailure(run.codec, thrown);
    givenUp = { thrown, text };
    return { failed: true, text, ...(body && effectBesideFailure(run, call, body)) };
  };

  const result = await run.execution.step(
    {
      kind,
      name,
      hash: run.fingerprint("identity" in call ? [call.identity] : (call.input ?? [])),
      ...(callId === undefined ? {} : { callId }),
      ...(input === undefined ? {} : { input }),
      ...(policy.inDoubt === undefined || policy.inDoubt === "retry"
        ? {}
        : { announced: true, settle: (record) => settle(run, record, policy.inDoubt === "fail") }),
      ...(call.abandoned === undefined ? {} : { abandoned: call.abandoned.then(giveUp) }),
      retryAfter: (_, nth) => (live.done ? undefined : retryAfter(run, call, nth, live.thrown)),
    },
    async (inside) => {
      live = {};
      body = inside;
      // At once: see `BodyRunner`.
      const running = (async () => call.body(inside))();
      try {
        const value = await withLimit(running, inside, run, call);
        live = { done: true, value };
        live = { ...live, text: kept(run, call, inside, "The result", run.codec.encode(value)) };
        return { failed: false, text: live.text, ...effectOf(run, call, inside, false) };
      } catch (thrown) {
        if (call.leaves?.(thrown)) {
          live = { thrown };
          return undefined;
        }
        live = {
          ...live,
          thrown,
          text: kept(run, call, inside, "The error", encodeFailure(run.codec, thrown)),
        };
        return {
          failed: true,
          text: live.text,
          ...effectBesideFailure(run, call, inside),
          ...lateOf(run, running, thrown),
        };
      }
    },
  );

  body = undefined;
  if (result === undefined) throw live.thrown;
  const { replayed, text } = result;
  const here = replayed ? undefined : [givenUp, live].find((came) => came?.text === text);
  if (result.effect !== undefined && here === undefined) {
    await call.effect?.apply(await run.read(result.effect));
  }
  if (result.failed) {
    const error = here === undefined ? await run.read(text) : here.thrown;
    setOrigin(error, result.seq);
    throw error;
  }
  return (here === undefined ? await run.read(text) : here.value) as T;
}

function withLimit<T>(
  running: Promise<T>,
  inside: StepInside,
  { scheduler }: RunContext,
  { name, policy }: StepCall<T>,
): Promise<T> {
  const ms = policy?.timeout;
  return ms === undefined ? running : limitTime(running, inside, { name, ms, scheduler });
}

/** A policy that cannot tell asks for no other try: what the body came to stands. */
function retryAfter<T>(
  { runId, logger }: RunContext,
  { name, policy = {} }: StepCall<T>,
  nth: number,
  thrown: unknown,
): number | undefined {
  try {
    return retryDelay(policy, nth, thrown);
  } catch (error) {
    const which = `Whether step "${name}" is to be tried again`;
    logger.error(`${which} could not be told: its policy threw.`, { runId, error });
    return undefined;
  }
}

/** The text of what is to be stored, having said if it is less than what there is. `what` is for people. */
function kept(
  run: RunContext,
  { name }: { readonly name: string },
  inside: StepInside,
  what: string,
  { text, losses }: Encoded,
): string {
  if (losses.length > 0) {
    const { seq: step } = inside;
    run.reportLosses({ step, what: `${what} of step ${step} "${name}"`, losses });
  }
  return text;
}

function effectOf<T>(
  run: RunContext,
  call: StepCall<T>,
  inside: StepInside,
  failed: boolean,
): { readonly effect?: string } {
  const done = call.effect?.read(failed);
  if (done === undefined) return {};
  return { effect: kept(run, call, inside, "The effect", run.codec.encode(done)) };
}

/** The failure is kept, whatever becomes of the effect. */
function effectBesideFailure<T>(
  run: RunContext,
  call: StepCall<T>,
  inside: StepInside,
): { readonly effect?: string } {
  try {
    return effectOf(run, call, inside, true);
  } catch {
    const { seq: step } = inside;
    const losses = [{ path: "$", what: "an effect that cannot be stored, left out" }];
    run.reportLosses({ step, what: `The effect of step ${step} "${call.name}"`, losses });
    return {};
  }
}

/** A body that ran out of time may still come to something. */
function lateOf<T>(
  { codec }: RunContext,
  running: Promise<T>,
  thrown: unknown,
): { readonly late?: Promise<Outcome> } {
  if (!HoldfastError.is(thrown, "STEP_TIMED_OUT")) return {};
  const late = running.then(
    (value): BodyOutcome => ({ failed: false, text: encodeFailureOrValue(codec, value) }),
    (error): BodyOutcome => ({ failed: true, text: encodeFailure(codec, error).text }),
  );
  return { late };
}

function encodeFailureOrValue(codec: RunContext["codec"], value: unknown): string {
  try {
    return codec.encode(value).text;
  } catch (refused) {
    return encodeFailure(codec, refused).text;
  }
}

async function settle(
  run: RunContext,
  record: StepRecord,
  fails: boolean,
): Promise<Outcome | "retry"> {
  const { seq, identity } = record;
  if (!fails) return settleByPerson(run, record);
  const error = new HoldfastError(
    "STEP_IN_DOUBT",
    `Step ${seq} "${identity.name}" of run ${run.runId} was under way when its process died, and its policy is to fail then.`,
    {
      hint: 'Find out whether it took effect. Policy inDoubt "once" asks a person instead, "retry" runs it again.',
      details: { runId: run.runId, step: seq, name: identity.name },
    },
  );
  return { failed: true, text: encodeFailure(run.codec, error).text };
}
