/**
 * Errors as texts and back. What was thrown is thrown again after a restart, by the codec's rules; and
 * an error remembers the step it came from, so that a run can say which one ended it.
 */
import type { Codec, CodecExtension, Encoded } from "../codec/index.ts";
import { type ErrorCode, HoldfastError } from "../errors/index.ts";

const origins = new WeakMap<object, number>();

/** Remembers that an error is what a step came to. */
export function setOrigin(error: unknown, seq: number): void {
  if (typeof error === "object" && error !== null) origins.set(error, seq);
}

/** The step whose failure this is, or led to it. */
export function originOf(error: unknown): number | undefined {
  for (let at: unknown = error, depth = 0; depth < 20; depth += 1) {
    if (typeof at !== "object" || at === null) return undefined;
    const seq = origins.get(at);
    if (seq !== undefined) return seq;
    // Where frameworks, Promise.any, and Node's SuppressedError keep what they wrap.
    const { cause, error, errors } = at as Wrapping;
    at = cause ?? error ?? (Array.isArray(errors) ? errors.findLast(hasOrigin) : undefined);
  }
  return undefined;
}

interface Wrapping {
  readonly cause?: unknown;
  readonly error?: unknown;
  readonly errors?: unknown;
}

function hasOrigin(error: unknown): boolean {
  return typeof error === "object" && error !== null && origins.has(error);
}

/** Never throws: of an error that cannot be stored, its name and message are kept. */
export function encodeFailure(codec: Codec, thrown: unknown): Encoded {
  try {
    return codec.encode(thrown);
  } catch {
    const losses = [
      { path: "$", what: "an error that cannot be stored, kept as name and message" },
    ];
    return { text: codec.encode(summary(thrown)).text, losses };
  }
}

const LONGEST_MESSAGE = 10_000;

function summary(thrown: unknown): Error {
  const kept = new Error("What was thrown cannot be read.");
  try {
    const { name = "Error", message = String(thrown) } = thrown as Partial<Error>;
    kept.message = String(message).slice(0, LONGEST_MESSAGE);
    kept.name = String(name).slice(0, LONGEST_MESSAGE);
  } catch {
    // Its getters throw, or it has no text.
  }
  return kept;
}

interface StoredHoldfastError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Our own errors are told by code after a restart as before. */
export const holdfastErrors: CodecExtension<HoldfastError> = {
  tag: "holdfast/error",
  is: (value): value is HoldfastError => HoldfastError.is(value),
  encode: ({ code, hint, details, message, cause }) => {
    const [text] = message.split("\n  What to do: ");
    return { code, message: text, hint, details, ...(cause === undefined ? {} : { cause }) };
  },
  decode(data) {
    const { code, message, ...options } = data as StoredHoldfastError;
    return new HoldfastError(code, message, options);
  },
};
