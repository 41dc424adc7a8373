import { expect } from "vitest";
import { type ErrorCode, HoldfastError } from "../../src/errors/index.ts";

/** Runs what must be refused and returns the error, so that a test can look at it closely. */
export function refusal(code: ErrorCode, run: () => unknown): HoldfastError {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(HoldfastError);
  expect((thrown as HoldfastError).code).toBe(code);
  return thrown as HoldfastError;
}
