/**
 * A generator that runs in a scope of its own, from wherever it is asked for more. The scope is open
 * from the moment the generator was made, so that its place among others does not depend on who asks
 * first, until it is exhausted, fails or is left.
 */
import type { OpenScope } from "@holdfast/core/adapter";

type Generator<T> = AsyncGenerator<T, void, undefined>;

/** @param onEach called with everything it gives, before anybody else has it */
export function boundGenerator<T>(
  scope: OpenScope,
  make: () => Generator<T>,
  onEach: (value: T) => void = () => {},
): Generator<T> {
  const generator = scope.run(make);
  const move = async (
    ask: () => Promise<IteratorResult<T, void>>,
  ): Promise<IteratorResult<T, void>> => {
    try {
      const result = await scope.run(ask);
      if (result.done) scope.close();
      else onEach(result.value);
      return result;
    } catch (error) {
      scope.close();
      throw error;
    }
  };
  const bound: Generator<T> = {
    next: () => move(() => generator.next()),
    return: (value) => move(() => generator.return(value)),
    throw: (error: unknown) => move(() => generator.throw(error)),
    [Symbol.asyncIterator]: () => bound,
    [Symbol.asyncDispose]: async () => void (await bound.return()),
  };
  return bound;
}
