import { readFileSync } from "node:fs";
import { join } from "node:path";
import { phase } from "./phase.mjs";
import { root } from "./root.mjs";

/** Installs what package-lock.json says, unless exactly that is installed already. */
export async function install() {
  if (isInstalled()) return;
  await phase("Installing packages", "npm", [
    "ci",
    // Errors only: on an older system Node npm warns of packages meant for the pinned one.
    "--loglevel=error",
    "--engine-strict=false",
    "--include=dev",
    "--include=optional",
  ]);
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own record of an
 * install last, so an interrupted one has no record. Packages for other platforms are not recorded.
 */
function isInstalled() {
  const wanted = packagesOf("package-lock.json");
  const found = packagesOf(join("node_modules", ".package-lock.json"));
  if (wanted === undefined || found === undefined) return false;
  const sameOrNotForUs = ([path, entry]) =>
    path in found ? sameVersion(entry, found[path]) : entry.optional === true;
  return Object.entries(wanted).filter(isInModules).every(sameOrNotForUs);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function isInModules([path]) {
  return path.includes("node_modules/");
}

function sameVersion(a, b) {
  return a.version === b.version && a.integrity === b.integrity && a.link === b.link;
}
