export { ERROR_CODES, type ErrorCode } from "./codes.ts";
export { HoldfastError, type HoldfastErrorOptions } from "./holdfast-error.ts";
