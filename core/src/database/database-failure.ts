// Turns the failure of a connection into the error a newcomer can act on. SQLSTATEs decide where
// there is one; the server's own text goes into the cause only, without secrets.
import { type ErrorCode, HoldfastError } from "../errors/index.ts";
import { redactedCause } from "./redaction.ts";
import type { Target } from "./target.ts";

/** The error for a connection to `target` that failed with `error`. HoldfastErrors pass through. */
export function databaseFailure(error: unknown, target: Target): HoldfastError {
  if (HoldfastError.is(error)) return error;
  const { host, port, user, databaseName } = target;
  const fail = (code: ErrorCode, message: string, hint: string): HoldfastError =>
    new HoldfastError(code, message, {
      hint,
      cause: redactedCause(error, target.secrets),
      details: { host, port, user, database: databaseName },
    });
  const at = `PostgreSQL at ${host}:${port}`;

  switch (codeOf(error)) {
    case "28P01":
    case "28000":
      return fail(
        "DATABASE_AUTH_FAILED",
        `${at} refused user "${user}" for database "${databaseName}".`,
        "Check user and password in HOLDFAST_DATABASE_URL (special characters percent-encoded), and that pg_hba.conf lets this user in from here.",
      );
    case "3D000":
      return fail(
        "DATABASE_MISSING",
        `${at} has no database "${databaseName}".`,
        `Create it with: createdb -h ${host} -p ${port} -U ${user} ${databaseName}. Or name an existing one at the end of HOLDFAST_DATABASE_URL.`,
      );
    case "42501":
      return fail(
        "DATABASE_PERMISSION_DENIED",
        `${at}: user "${user}" lacks a privilege in database "${databaseName}".`,
        `Let an administrator run: GRANT CONNECT, CREATE ON DATABASE "${databaseName}" TO "${user}".`,
      );
    case "53300":
      return fail(
        "DATABASE_UNREACHABLE",
        `${at} has no free connection for user "${user}".`,
        "Close other clients, raise max_connections, or put a pooler in session mode in front of it.",
      );
    case "57P03":
      return fail(
        "DATABASE_UNREACHABLE",
        `${at} is starting up or shutting down.`,
        "Try again in a moment.",
      );
  }
  const said = messageOf(error);
  if (/ssl|tls|certificate/i.test(said)) {
    return fail(
      "DATABASE_UNREACHABLE",
      `${at} and this client do not agree on TLS.`,
      "Set sslmode in HOLDFAST_DATABASE_URL: ?sslmode=disable for a server without TLS, ?sslmode=no-verify for a certificate signed by nobody known, ?sslmode=verify-full&sslrootcert=ca.pem to check it.",
    );
  }
  return fail(
    "DATABASE_UNREACHABLE",
    `${at} cannot be reached: ${reason(error)}.`,
    hintFor(error, target),
  );
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case "ECONNREFUSED":
      return "nothing accepts connections there";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name of the host is not known";
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no answer";
    case "ENOENT":
      return "there is no such socket";
  }
  if (/timeout/i.test(messageOf(error))) return "no answer in time";
  if (/terminated|ECONNRESET/i.test(messageOf(error))) return "the connection was closed at once";
  return "the connection failed";
}

function hintFor(error: unknown, target: Target): string {
  const local = /^(localhost|127\.|::1|\/)/.test(target.host);
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return "Check the spelling of the host in HOLDFAST_DATABASE_URL.";
  }
  return local
    ? "Start that server, or correct HOLDFAST_DATABASE_URL, or unset it to use the embedded PostgreSQL."
    : "Check host and port in HOLDFAST_DATABASE_URL, that the server runs, and that a firewall lets this machine through.";
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

function messageOf(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  return `${message ?? error}${cause instanceof Error ? ` ${cause.message}` : ""}`;
}
