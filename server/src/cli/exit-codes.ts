import { HoldfastError } from "@holdfast/core";
import { CommanderError } from "commander";
import { NotFound } from "./not-found.ts";

/** What a script may rely on. */
export const EXIT = {
  unexpected: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 69,
  interrupted: 130,
} as const;

const BY_CODE: Partial<Record<string, number>> = {
  OPTION_INVALID: EXIT.usage,
  DATABASE_URL_INVALID: EXIT.usage,
  DATABASE_MISSING: EXIT.notFound,
  DATABASE_AUTH_FAILED: EXIT.notAllowed,
  DATABASE_PERMISSION_DENIED: EXIT.notAllowed,
  DATABASE_UNREACHABLE: EXIT.unreachable,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return EXIT.usage;
  if (error instanceof NotFound) return EXIT.notFound;
  if (HoldfastError.is(error)) return BY_CODE[error.code] ?? EXIT.unexpected;
  return EXIT.unexpected;
}
