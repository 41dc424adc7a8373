import { type EmbeddedStatus, embeddedStatus } from "@holdfast/core/embedded";
import type { Command } from "commander";
import { print, table } from "../print.ts";
import { type DatabaseCommandOptions, databaseCommand, otherDatabase } from "./options.ts";

const EXAMPLES = `  $ holdfast db status
  $ holdfast db status --json`;

const STATE = {
  none: "not created yet",
  stopped: "stopped",
  running: "running",
} as const;

export function statusCommand(): Command {
  return databaseCommand("status", "whether it runs, where, and for whom", EXAMPLES).action(
    async ({ dir, json = false }: DatabaseCommandOptions) => {
      const status = await embeddedStatus({ dir });
      const { server, ...rest } = status;
      print(json, { ...rest, server: server ?? null }, describe(status));
    },
  );
}

function describe({ state, dir, kept, server }: EmbeddedStatus): string {
  const next = server ? "holdfast db url, holdfast db stop" : "holdfast db start";
  return table([
    ["PostgreSQL", `${STATE[state]}${server ? ` (${server.version})` : ""}`],
    ["Address", server && `${server.host}:${server.port}/postgres`],
    ["Process", server && String(server.pid)],
    ["Used by", server && `${server.processes} processes, ${server.connections} other connections`],
    ["Stops", server && (kept ? "with holdfast db stop" : "when the last process leaves")],
    ["Files", dir],
    ["Note", otherDatabase()],
    ["Next", next],
  ]);
}
