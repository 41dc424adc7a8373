import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { bin, root } from "./root.mjs";

/** The variables that everything started from here sees, beside the caller's own. */
export function environment() {
  return {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: "1",
    npm_config_cache: npmCache(),
  };
}

/** npm's own cache, or one in this clone for an account whose home cannot be written. */
function npmCache() {
  const cache = process.env.npm_config_cache ?? join(homedir(), ".npm");
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return cache;
  } catch {
    return join(root, ".npm-cache");
  }
}
