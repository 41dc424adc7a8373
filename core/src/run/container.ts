/**
 * A part of the app that is told from its like as a step is, by a call id or by what it is given, and
 * for which no result can stand: it runs in every execution, over what is recorded inside. For parts
 * that may begin in another order after a crash. Where the order is certain, a scope will do.
 */
import type { StepKind } from "../journal/index.ts";
import type { RunContext } from "./run-context.ts";

export interface ContainerCall<T> {
  readonly kind: StepKind;
  readonly name: string;
  readonly callId?: string | undefined;
  /** What tells it from others of its name. */
  readonly identity: unknown;
  body(): Promise<T>;
}

type Ended<T> =
  | { readonly threw: false; readonly value: T }
  | { readonly threw: true; readonly error: unknown };

export async function container<T>(
  run: RunContext,
  { kind, name, callId, identity, body }: ContainerCall<T>,
): Promise<T> {
  const { promise: over, resolve: end } = Promise.withResolvers<Ended<T>>();
  await run.execution.step(
    {
      kind,
      name,
      hash: run.fingerprint([identity]),
      isContainer: true,
      ...(callId === undefined ? {} : { callId }),
    },
    async () => {
      try {
        end({ threw: false, value: await body() });
      } catch (error) {
        end({ threw: true, error });
      }
      return undefined;
    },
  );
  const ended = await over;
  if (ended.threw) throw ended.error;
  return ended.value;
}
