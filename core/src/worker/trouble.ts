/** Something that is tried again and again and fails: reported once, until it works again. */
import type { Logger } from "../logger.ts";

export class Trouble {
  readonly #logger: Logger;
  readonly #message: string;
  #lasts = false;

  /** @param message what cannot be done */
  constructor(logger: Logger, message: string) {
    this.#logger = logger;
    this.#message = message;
  }

  happened(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const say = this.#lasts ? this.#logger.debug : this.#logger.warn;
    say.call(this.#logger, `${this.#message}; trying again. ${reason}`, { error });
    this.#lasts = true;
  }

  isOver(): void {
    if (this.#lasts) this.#logger.info(`${this.#message}: that is over.`);
    this.#lasts = false;
  }
}
