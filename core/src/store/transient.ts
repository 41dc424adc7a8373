/**
 * Tells whether the same statement can succeed when it is tried again: the fault lay with the
 * server, the connection or the moment. SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { HoldfastError } from "../errors/index.ts";

const TRANSIENT_STATES = new Set([
  "40001", // serialization failure
  "40P01", // deadlock detected
  "55P03", // lock not available
  "57014", // cancelled by statement_timeout
  "57P01", // terminated by an administrator
  "57P02", // another backend crashed
  "57P03", // starting up or shutting down
  "57P05", // idle session timeout
  "25006", // read only: connected to a standby during a failover
  "25P03", // stood still in a transaction
  "25P02", // an earlier statement of the same pipeline failed: that one is retried with it
]);
/** Connection, insufficient resources; authorization and catalog name: said only while connecting. */
const TRANSIENT_CLASSES = ["08", "53", "28", "3D"];

/** System errors of sockets and the wordings of `pg` when a connection is gone or a wait is over. */
const TRANSIENT_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
const TRANSIENT_MESSAGE =
  /connection terminated|connection ended|timeout exceeded|query read timeout|not queryable|socket has been ended|connection error/i;

export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    TRANSIENT_STATES.has(code) ||
    TRANSIENT_CLASSES.some((start) => code.length === 5 && code.startsWith(start)) ||
    TRANSIENT_SYSTEM.has(code) ||
    TRANSIENT_MESSAGE.test(error.message)
  );
}

/** Waits between tries: doubling from 25 ms to 1 s, each shortened at random so that processes spread. */
export function backOff(attempt: number): Promise<void> {
  const ms = Math.min(1000, 25 * 2 ** attempt) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Tries until it works, fails for good, or the deadline has passed; then throws
 * `STORE_UNAVAILABLE`. For statements that may run twice: an answer can be lost after the commit.
 */
export async function withRetries<T>(
  deadlineMs: number,
  run: (attempt: number) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await run(attempt);
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (Date.now() > deadline) throw unavailable(deadlineMs, error);
      await backOff(attempt);
    }
  }
}

export function unavailable(deadlineMs: number, cause: unknown): HoldfastError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoldfastError(
    "STORE_UNAVAILABLE",
    `The database was tried for ${Math.round(deadlineMs / 1000)} s without success; its last answer was: ${reason}`,
    {
      hint: "Bring the database back. Nothing acknowledged is lost: a run continues from its journal when it is taken over.",
      cause,
    },
  );
}
