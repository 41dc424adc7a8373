/** Steps of the SDK's, of which a stream is told when the first one is made and not only given again. */
import {
  durableStep,
  type RunContext,
  type StepCall,
  type StreamCall,
  streamedStep,
} from "@holdfast/core/adapter";
import { somethingNew } from "./new-events.ts";

export function liveStep<T>(run: RunContext, call: StepCall<T>): Promise<T> {
  return durableStep(run, {
    ...call,
    body(inside) {
      somethingNew(run);
      return call.body(inside);
    },
  });
}

export function liveStream<Piece>(
  run: RunContext,
  call: StreamCall<Piece>,
): AsyncGenerator<Piece, void, undefined> {
  return streamedStep(run, {
    ...call,
    stream(inside) {
      somethingNew(run);
      return call.stream(inside);
    },
  });
}
