import { embeddedStatus } from "@holdfast/core/embedded";
import type { Command } from "commander";
import { NotFound } from "../not-found.ts";
import { print } from "../print.ts";
import { type DatabaseCommandOptions, databaseCommand } from "./options.ts";

const EXAMPLES = `  $ holdfast db url
  $ psql "$(holdfast db url --show-password)"`;

export function urlCommand(): Command {
  return databaseCommand("url", "the URL of the running server, for psql and other tools", EXAMPLES)
    .option("--show-password", "print the password instead of ***")
    .action(
      async ({
        dir,
        json = false,
        showPassword = false,
      }: DatabaseCommandOptions & { showPassword?: boolean }) => {
        const { server, dir: cluster } = await embeddedStatus({ dir });
        if (!server) {
          throw new NotFound(
            `No PostgreSQL runs in ${cluster}.`,
            "Start it: holdfast db start. Or say where it is: --dir.",
          );
        }
        const url = new URL(server.url);
        if (!showPassword) url.password = "***";
        print(json, { url: url.href }, url.href);
      },
    );
}
