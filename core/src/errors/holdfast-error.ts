import type { ErrorCode } from "./codes.ts";

export interface HoldfastErrorOptions {
  /** What the reader can do about it, in a sentence or two. */
  readonly hint: string;
  readonly cause?: unknown;
  /** Facts a program may want: ids, what was expected, what was found. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const BRAND = Symbol.for("holdfast.error");

/**
 * The one error class of Holdfast. `message` says what happened, with ids, expected and found;
 * then what to do. Handle it by `code`, which never changes its meaning.
 */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: HoldfastErrorOptions) {
    super(`${message}\n  What to do: ${options.hint}\n  More: docs/errors/${code}.md`, {
      cause: options.cause,
    });
    this.name = "HoldfastError";
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }

  /** Tells a HoldfastError also when two copies of the package are loaded, where `instanceof` fails. */
  static is(value: unknown, code?: ErrorCode): value is HoldfastError {
    const branded = typeof value === "object" && value !== null && BRAND in value;
    return branded && (code === undefined || (value as unknown as HoldfastError).code === code);
  }
}
