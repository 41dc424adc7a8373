// Removes what earlier processes could not: clusters and copies of binaries begun by a process that
// died, and copies of binaries of other versions. Called by whoever has just started the server, so
// no server runs from an old copy.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { isAlive } from "./initialise.ts";
import type { Layout } from "./layout.ts";

/** Never fails: leftovers cost space only. */
export async function cleanUp(layout: Layout, binaries: Binaries): Promise<void> {
  const current = `binaries-${binaries.version}`;
  for (const name of await readdir(layout.base).catch((): string[] => [])) {
    const begun = /^(?:init-|binaries-.+\.)(\d+)-[0-9a-f]{8}$/.exec(name);
    const stale = begun
      ? !isAlive(Number(begun[1]))
      : name.startsWith("binaries-") && name !== current;
    if (!stale) continue;
    await rm(join(layout.base, name), { recursive: true, force: true }).catch(() => {});
  }
}
