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
  "RUN_DIVERGED",
  // Values
  "VALUE_NOT_ENCODABLE",
  "VALUE_TOO_LARGE",
  "VALUE_NOT_DECODABLE",
  "PAYLOAD_NOT_DECRYPTABLE",
  "OPTION_INVALID",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
