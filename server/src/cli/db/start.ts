import { startEmbedded } from "@holdfast/core/embedded";
import type { Command } from "commander";
import { print, table } from "../print.ts";
import { type DatabaseCommandOptions, databaseCommand, otherDatabase } from "./options.ts";

const EXAMPLES = `  $ holdfast db start
  $ holdfast db start --dir /srv/agents/.holdfast --json`;

const HOW = {
  attached: "was running already",
  started: "started",
  initialised: "created and started",
} as const;

export function startCommand(): Command {
  return databaseCommand("start", "start it, and keep it running until `db stop`", EXAMPLES).action(
    async ({ dir, json = false }: DatabaseCommandOptions) => {
      const server = await startEmbedded({ keep: true, dir });
      try {
        const { how, host, port, pid, ms } = server;
        print(
          json,
          { how, host, port, pid, dir: server.dir, ms },
          table([
            ["PostgreSQL", `${HOW[how]} (${ms} ms)`],
            ["Address", `${host}:${port}/postgres`],
            ["Process", String(pid)],
            ["Files", server.dir],
            ["Note", otherDatabase()],
            ["Next", "holdfast db status, holdfast db stop"],
          ]),
        );
      } finally {
        await server.close();
      }
    },
  );
}
