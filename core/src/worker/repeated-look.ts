/**
 * Looks at something when asked, and again after a while. Invariants: one look at a time; one that had begun
 * before it was asked for may have missed what happened, so another follows it; and once stopped, none
 * begins.
 */
export class RepeatedLook {
  readonly #look: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isAsked = false;
  #isOn = false;

  /** @param look never rejects; returns in how many ms to look again if nobody asks before */
  constructor(look: () => Promise<number>) {
    this.#look = look;
  }

  /** Begins, with a look in so many ms. */
  start(inMs: number): void {
    this.#isOn = true;
    this.#lookIn(inMs);
  }

  /** Looks now; resolves when it has seen what there is now. Without effect while it is stopped. */
  now(): Promise<void> {
    this.#isAsked = true;
    this.#looking ??= Promise.resolve().then(() => this.#lookWhileAsked());
    return this.#looking;
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#isOn = false;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #lookWhileAsked(): Promise<void> {
    let nextMs = 0;
    while (this.#isAsked && this.#isOn) {
      this.#isAsked = false;
      clearTimeout(this.#timer);
      nextMs = await this.#look();
    }
    // At once: whoever asks from here on would be told nothing by this one.
    this.#looking = undefined;
    if (this.#isOn) this.#lookIn(nextMs);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), ms).unref();
  }
}
