/**
 * Keeps the process alive while somebody awaits something of a runtime, and only then: connections
 * that are idle do not, so a script that is done exits by itself.
 */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  async during<T>(awaited: Promise<T>): Promise<T> {
    this.#count += 1;
    this.#timer ??= setInterval(() => {}, 2 ** 30);
    try {
      return await awaited;
    } finally {
      this.#count -= 1;
      if (this.#count === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }
}
