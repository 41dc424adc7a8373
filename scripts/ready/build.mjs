import { phase } from "./phase.mjs";

/** Builds what changed since the last time; turbo knows from its cache what that is. */
export async function build() {
  await phase("Building", "turbo", [
    "run",
    "build",
    "--output-logs=errors-only",
    "--log-prefix=none",
  ]);
}
