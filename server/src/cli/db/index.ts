import { Command } from "commander";
import { startCommand } from "./start.ts";
import { statusCommand } from "./status.ts";
import { stopCommand } from "./stop.ts";
import { urlCommand } from "./url.ts";

export function databaseCommands(): Command {
  return new Command("db")
    .description("the PostgreSQL that Holdfast runs for this project")
    .addCommand(startCommand())
    .addCommand(stopCommand())
    .addCommand(statusCommand())
    .addCommand(urlCommand());
}
