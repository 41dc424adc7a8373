/**
 * The pieces of a stream between whoever makes and whoever reads them. Invariant: each piece is given
 * once, in order; the end, or what ended it, comes after all of them. A reader that leaves leaves the
 * pieces: the run goes on.
 */
export class PieceStream implements AsyncIterable<unknown> {
  #pieces: unknown[] = [];
  #end: { readonly threw?: { readonly error: unknown } } | undefined;
  #wake: () => void = () => {};
  #isLeft = false;

  emit(piece: unknown): void {
    if (this.#isLeft) return;
    this.#pieces.push(piece);
    this.#wake();
  }

  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  fail(error: unknown): void {
    this.#end ??= { threw: { error } };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    try {
      for (;;) {
        while (this.#pieces.length > 0) yield this.#pieces.shift();
        if (this.#end?.threw !== undefined) throw this.#end.threw.error;
        if (this.#end !== undefined) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#isLeft = true;
      this.#pieces = [];
    }
  }
}
