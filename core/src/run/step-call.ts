/** What an adapter, or `step()`, asks to be done durably: a step, on values. */
import type { StepInside, StepKind } from "../journal/index.ts";
import type { StepPolicy } from "./policies.ts";

export interface StepCall<T> {
  readonly kind: StepKind;
  readonly name: string;
  /** The framework's own id of the call. It must be the same in every execution. */
  readonly callId?: string | undefined;
  /** Everything it is given, in order: kept for people, each value once per space. */
  readonly input?: readonly unknown[];
  /** What tells it from other calls, without random ids and the like. Default: its input. */
  readonly identity?: unknown;
  readonly policy?: StepPolicy;
  /** For what the body does to state of its framework besides its result. */
  readonly effect?: StepEffect;
  /** Whether what was thrown means that the body only leaves, to come back, and is no outcome. */
  readonly leaves?: (thrown: unknown) => boolean;
  /**
   * Resolves when the program stops waiting for the step, to what is thrown to it instead: that is the
   * step's outcome then, and what its body comes to later is kept beside it. Default: never.
   */
  readonly abandoned?: Promise<unknown>;
  body(inside: StepInside): Promise<T>;
}

/**
 * On replay the effect is there when the result is handed back. A body that lets others see it earlier,
 * parallel branches of its framework, makes them see on replay what they did not see live: keep it to
 * the body until it returns.
 */
export interface StepEffect {
  /**
   * Right after the body: what it did. `undefined`: nothing. `failed`: whether the step has; one that had
   * not can still be given up while its result is on its way.
   */
  read(failed: boolean): unknown;
  /** On replay, right before the result is handed back: does it again. */
  apply(effect: unknown): void | Promise<void>;
}
