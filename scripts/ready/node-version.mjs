import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./phase.mjs";
import { root } from "./root.mjs";

/**
 * Checks the Node that will run the command: on Linux the one that was installed with the packages,
 * elsewhere the system's. Older ones cannot load TypeScript.
 */
export function assertNodeVersion() {
  const needed = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node;
  const { stdout, error } = spawnSync("node", ["--version"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const found = stdout?.trim() || `none that starts (${error?.message ?? "no output"})`;
  if (isAtLeast(found, needed.replace(">=", ""))) return;
  throw new Failure(
    `Holdfast needs Node ${needed}, and the one found here is ${found}.\n` +
      "Install Node 24 (https://nodejs.org, or `nvm install` in this folder), then try again.",
  );
}

function isAtLeast(found, needed) {
  const [major, minor] = found.replace("v", "").split(".").map(Number);
  const [neededMajor, neededMinor] = needed.split(".").map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
