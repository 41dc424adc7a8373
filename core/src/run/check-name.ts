import { HoldfastError } from "../errors/index.ts";

/**
 * Throws OPTION_INVALID for a name that cannot be stored: before anything happens in it, not when it
 * is to be recorded.
 */
export function checkName(what: string, name: unknown): void {
  if (typeof name === "string" && name.isWellFormed() && !name.includes("\0")) return;
  const found = typeof name === "string" ? JSON.stringify(name.slice(0, 80)) : String(name);
  throw new HoldfastError("OPTION_INVALID", `A ${what} was named ${found}.`, {
    hint: "Give a string of ordinary characters, without NUL and halves of surrogate pairs.",
    details: { name: found },
  });
}
