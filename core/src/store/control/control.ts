/** What others than its owner say to a run. */
import type { OpenWait } from "../waits/wait.ts";

export interface NewControl {
  /** Names what is said: a decision on a wait, a signal with its idempotency key. */
  readonly key: string;
  readonly kind: string;
  /** Whom or what it is for: the name of a signal. */
  readonly name?: string;
  readonly value?: string;
  readonly author?: string;
  /** Says it only if this holds, decided in the same step. Default: it is said in any case. */
  readonly on?: OpenWait;
}

/**
 * Whether this message stands under its key, and what does: nothing if nobody has said anything
 * there and the wait this was said on is not as it must be.
 */
export type Said =
  | { readonly won: true; readonly control: Control }
  | { readonly won: false; readonly control: Control | undefined };

export interface Control {
  /** Gapless from 1, in commit order: a cursor. */
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly author: string | undefined;
  readonly at: Date;
}

export interface ControlCursor {
  readonly runId: string;
  readonly after: number;
}

export interface Heard {
  readonly runId: string;
  readonly control: Control;
}
