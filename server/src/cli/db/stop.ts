import { stopEmbedded } from "@holdfast/core/embedded";
import type { Command } from "commander";
import { print } from "../print.ts";
import { type DatabaseCommandOptions, databaseCommand } from "./options.ts";

const EXAMPLES = `  $ holdfast db stop

Programs that use it lose their connections and do not restart it. It starts again with
\`holdfast db start\`, or with the next program that needs it.`;

export function stopCommand(): Command {
  return databaseCommand("stop", "stop it, whoever uses it", EXAMPLES).action(
    async ({ dir, json = false }: DatabaseCommandOptions) => {
      const stopped = await stopEmbedded({ dir });
      print(json, { stopped }, stopped ? "PostgreSQL stopped" : "PostgreSQL was not running");
    },
  );
}
