/**
 * A scope that a part of the program is in. Frameworks that leave and re-enter a part (generators,
 * graphs that run their nodes themselves) hold it until the part is over.
 */
import { currentScope, type Scope } from "./scope.ts";

export class OpenScope {
  readonly #scope: Scope;
  readonly #onClose: () => void;
  #isOpen = true;

  constructor(scope: Scope, onClose: () => void) {
    this.#scope = scope;
    this.#onClose = onClose;
    scope.enter();
  }

  get path(): string {
    return this.#scope.path;
  }

  /** Runs something in the scope, which stays open. */
  run<T>(part: () => T): T {
    return currentScope.run(this.#scope, part);
  }

  /** The part is over: what is left on record in here is not asked for any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#scope.leave();
    this.#onClose();
  }

  async runAndClose<T>(part: () => Promise<T>): Promise<T> {
    try {
      return await this.run(part);
    } finally {
      this.close();
    }
  }
}
