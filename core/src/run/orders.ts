/**
 * What people have ordered about a run as a whole: to cancel it, to pause it, to let it go on. Of pausing
 * and going on the last counts. What is cancelled stays so, unless it had failed before anybody heard of
 * it, and was tried again since.
 */
import type { Codec } from "../codec/index.ts";
import type { Control, Entry } from "../store/index.ts";
import type { Cancelled } from "./run-end.ts";
import { saidBefore } from "./tried-again.ts";

export interface Pause {
  readonly by?: string;
  readonly since: Date;
}

const ORDERS: ReadonlySet<string> = new Set(["cancel", "pause", "resume"]);

export function isOrder({ kind }: Control): boolean {
  return ORDERS.has(kind);
}

export class Orders {
  readonly #codec: Codec;
  /** What was said up to here, was said of a run that has failed since, and was let go on. */
  readonly #outdated: number;
  #cancellation: Cancelled | undefined;
  #pause: Pause | undefined;
  #obey: () => void = () => {};

  constructor(codec: Codec, journal: readonly Entry[]) {
    this.#codec = codec;
    this.#outdated = saidBefore(journal);
  }

  get cancellation(): Cancelled | undefined {
    return this.#cancellation;
  }

  get pause(): Pause | undefined {
    return this.#pause;
  }

  /** Whether the program is not to go on now. */
  get isToStop(): boolean {
    return this.#cancellation !== undefined || this.#pause !== undefined;
  }

  /** To be called in the order in which they were given. */
  hear({ seq, kind, value, author, at }: Control): void {
    const by = author === undefined ? {} : { by: author };
    if (kind === "pause") this.#pause ??= { ...by, since: at };
    if (kind === "resume") this.#pause = undefined;
    if (kind === "cancel" && seq > this.#outdated) {
      this.#cancellation ??= { ...this.#reason(value), ...by };
    }
    this.#obey();
  }

  /** Calls this now, and whenever something more is ordered. */
  follow(obey: () => void): void {
    this.#obey = obey;
    obey();
  }

  #reason(text: string | undefined): { readonly reason?: string } {
    const reason = text === undefined ? undefined : this.#codec.decode(text);
    return typeof reason === "string" ? { reason } : {};
  }
}
