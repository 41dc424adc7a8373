/**
 * Every code an error of Holdfast can carry. The list is closed: a code is a promise to whoever
 * handles it, and each has a page in `docs/errors/`.
 */
export const ERROR_CODES = [
  // Finding and starting a database
  "DATABASE_URL_INVALID",
  "DATABASE_UNREACHABLE",
  "DATABASE_AUTH_FAILED",
  "DATABASE_MISSING",
  "DATABASE_TOO_OLD",
  "DATABASE_PERMISSION_DENIED",
  "EMBEDDED_UNSUPPORTED_PLATFORM",
  "EMBEDDED_START_FAILED",
  "EMBEDDED_DISK_FULL",
  "EMBEDDED_DATA_INCOMPATIBLE",
  // Schema
  "SCHEMA_TOO_NEW",
  "SCHEMA_MIGRATION_FAILED",
  // Writing and reading
  "STORE_UNAVAILABLE",
  "STORE_CLOSED",
  "STORE_REFUSED_ROW",
  "STORE_CORRUPT",
  "RUN_TAKEN_OVER",
  "RUN_NOT_FOUND",
  "SPACE_DELETED",
  "ID_INVALID",
  // Runs
  "APP_NOT_RECOGNISED",
  "INPUT_MISMATCH",
  "NOT_IN_A_RUN",
  "NOT_IN_A_STEP",
  "RUN_CANCELLED",
  "RUN_NOT_FAILED",
  "RUN_DIVERGED",
  "STEP_AMBIGUOUS",
  "STEP_IN_DOUBT",
  "STEP_SETTLED_AS_FAILED",
  "STEP_TIMED_OUT",
  "WAIT_AMBIGUOUS",
  "WAIT_EXPIRED",
  "WAIT_NOT_OPEN",
  "RUNTIME_CLOSED",
  // Values
  "VALUE_NOT_ENCODABLE",
  "VALUE_TOO_LARGE",
  "VALUE_NOT_DECODABLE",
  "PAYLOAD_NOT_DECRYPTABLE",
  "OPTION_INVALID",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
