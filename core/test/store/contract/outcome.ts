import { type ErrorCode, HoldfastError } from "../../../src/errors/index.ts";

/** What a call came to: its answer, or the code of its refusal. Any other failure is thrown. */
export async function outcome<T>(call: Promise<T>): Promise<T | ErrorCode> {
  try {
    return await call;
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    return error.code;
  }
}
