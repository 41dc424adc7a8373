// Several processes of one run, all of which answer what it asks; the first that goes aside is killed there.
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { byCommand } from "./by-command.ts";

/** The effect of being killed: it happens once. */
export const KILLED = "killed";

export const oneOfSeveral: CrashScenario = {
  ...byCommand,
  name: "one of several",
  run: (child) =>
    byCommand.run({
      ...child,
      async effect(key) {
        if (key.endsWith("aside") && !child.happened(KILLED)) {
          await child.effect(KILLED);
          process.kill(process.pid, "SIGKILL");
        }
        await child.effect(key);
      },
    }),
};
