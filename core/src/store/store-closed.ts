import { HoldfastError } from "../errors/index.ts";

export function storeClosed(): HoldfastError {
  return new HoldfastError(
    "STORE_CLOSED",
    "The store was closed; nothing more is read or written through it.",
    {
      hint: "Close it after everything that uses it, or open another.",
    },
  );
}
