/** Where in the user's code something was asked for, as far as a stack tells. */
import { fileURLToPath } from "node:url";

const FRAME = /^\s+at (?:async )?(?:(.+?) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^<]*?:\d+:\d+)\)?$/;
/** Where Holdfast's packages lie beside one another, installed or in a checkout. */
const PACKAGES = slashed(fileURLToPath(new URL("../../../", import.meta.url)));
const OWN_CODE = /^(?:core|server|adapters\/[^/]+)\/(?:src|dist)\//;

/**
 * The first frame that is neither Holdfast's nor of a package: `book (/app/src/agent.ts:42:17)`.
 * Undefined if there is none, as for what a framework calls by itself.
 */
export function codeLocation(stack: string): string | undefined {
  for (const line of stack.split("\n")) {
    const [, caller, found] = FRAME.exec(line) ?? [];
    if (found === undefined) continue;
    const place = found.startsWith("file:") ? fileURLToPath(found) : found;
    if (!isUsers(slashed(place))) continue;
    return caller === undefined ? place : `${caller} (${place})`;
  }
  return undefined;
}

function isUsers(place: string): boolean {
  if (place.includes("/node_modules/")) return false;
  return !(place.startsWith(PACKAGES) && OWN_CODE.test(place.slice(PACKAGES.length)));
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
