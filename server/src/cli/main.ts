#!/usr/bin/env node
// The command line. Answers go to stdout; everything about how it went goes to stderr.
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { databaseCommands } from "./db/index.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

const program = new Command("holdfast")
  .description("Durable execution for the agents you already have.")
  .version(version, "-V, --version", "print the version")
  .addHelpText(
    "after",
    `
Examples:
  $ holdfast db start        start this project's PostgreSQL and keep it running
  $ holdfast db status       where its files are, who uses it
  $ holdfast db stop

Every command takes --json. Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 not found,
4 not allowed, 69 database unreachable, 130 Ctrl-C.`,
  )
  .addCommand(databaseCommands());

process.once("SIGINT", () => process.exit(EXIT.interrupted));

const json = process.argv.includes("--json");
forEachCommand(program, (command) => {
  command.exitOverride();
  // Reported once, below, in the form that was asked for.
  command.configureOutput({ outputError: () => {} });
});

try {
  await program.parseAsync();
} catch (error) {
  const asked = error instanceof CommanderError && error.exitCode === 0; // --help, --version
  if (!asked) {
    reportError(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}
