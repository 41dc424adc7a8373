/**
 * A step whose result comes in pieces: a model that streams. Invariants: the pieces are taken only as
 * fast as the caller takes them; the stream ends or fails, and every piece that is held back is given,
 * only when all of it is durable; a replay gives the same pieces in the same order. A caller that
 * leaves early has had all it will ever get: that is what is recorded, unless the call says that it was
 * only given up, to be made again. What the body of a try makes that has failed already, out of time or
 * given up, is neither given nor recorded.
 */
import type { StepInside } from "../journal/index.ts";
import { durableStep } from "./durable-step.ts";
import type { RunContext } from "./run-context.ts";
import type { StepCall } from "./step-call.ts";

export interface StreamCall<Piece> extends Omit<StepCall<readonly Piece[]>, "body" | "effect"> {
  /**
   * Whether this piece and all after it are held back until the whole is durable: pieces that set
   * something off. Others are given as they come, beside recorded results that are still to be
   * returned elsewhere. Default: none are held, unless the step's policy has it tried again when it
   * fails.
   */
  readonly holdFrom?: (piece: Piece) => boolean;
  /** Pieces as they are kept. Default: as they are; needed where the caller changes what it is given. */
  readonly keep?: (piece: Piece) => Piece;
  /** What is on record, as pieces: where the same call can be made for a whole. Default: as it is. */
  readonly recorded?: (value: unknown) => readonly Piece[] | Promise<readonly Piece[]>;
  stream(inside: StepInside): AsyncIterable<Piece>;
}

export async function* streamedStep<Piece>(
  run: RunContext,
  {
    stream,
    holdFrom,
    keep = (piece) => piece,
    recorded = (value) => value as readonly Piece[],
    ...call
  }: StreamCall<Piece>,
): AsyncGenerator<Piece, void, undefined> {
  const hand = new Handover<Piece>();
  /** By the newest try, until that has failed: its body may still go on. */
  let taken: Piece[] = [];
  let given = 0;
  /** What came before it failed: to be given before the failure on replay. */
  const failedWith = {
    read(failed: boolean) {
      if (!failed) return undefined;
      taken = [...taken];
      return taken;
    },
    apply: (pieces: unknown) => hand.refill(pieces as readonly Piece[]),
  };

  const whole = durableStep<readonly Piece[]>(run, {
    ...call,
    effect: failedWith,
    async body(inside) {
      const mine: Piece[] = [];
      taken = mine;
      // What was given cannot be taken back, should this try fail.
      let held = call.policy?.retries !== undefined;
      run.deltas.begin(run.runId, inside);
      for await (const piece of stream(inside)) {
        if (taken !== mine) break;
        mine.push(keep(piece));
        run.deltas.piece(run.runId, inside, piece);
        held ||= holdFrom?.(piece) ?? false;
        if (held) continue;
        if (await hand.give(piece)) continue;
        const left = new DOMException("The caller left the stream.", "AbortError");
        if (call.leaves?.(left)) throw left;
        break;
      }
      return mine;
    },
  });
  void whole.then(
    () => hand.end(),
    () => hand.end(),
  );

  try {
    for await (const piece of hand) {
      given += 1;
      yield piece;
    }
  } finally {
    hand.leave();
    // A caller that leaves waits for what it has had to be durable, and not for more.
    await whole.catch(() => {});
  }
  const end = await whole.then(
    async (pieces) => ({ pieces: await recorded(pieces) }),
    (thrown: unknown) => ({ pieces: taken, thrown }),
  );
  for (const piece of end.pieces.slice(given)) yield piece;
  if ("thrown" in end) throw end.thrown;
}

/** Hands pieces over one at a time: the next is made when the last was taken and one is asked for. */
class Handover<Piece> implements AsyncIterable<Piece> {
  #asked = Promise.withResolvers<boolean>();
  #given = Promise.withResolvers<Piece | undefined>();
  #refilled: readonly Piece[] = [];
  #over = false;

  /** Resolves when the next piece is asked for; to false if none will be. */
  give(piece: Piece): Promise<boolean> {
    this.#given.resolve(piece);
    return this.#asked.promise;
  }

  refill(pieces: readonly Piece[]): void {
    this.#refilled = pieces;
  }

  end(): void {
    this.#over = true;
    this.#given.resolve(undefined);
    this.leave();
  }

  leave(): void {
    this.#asked.resolve(false);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece, void, undefined> {
    for (;;) {
      const piece = await this.#given.promise;
      if (this.#over) break;
      this.#given = Promise.withResolvers();
      yield piece as Piece;
      this.#asked.resolve(true);
      this.#asked = Promise.withResolvers();
    }
    yield* this.#refilled;
  }
}
