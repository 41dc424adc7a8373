import { Command } from "commander";

/** The options every `db` command takes. */
export interface DatabaseCommandOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

export function databaseCommand(name: string, description: string, examples: string): Command {
  return new Command(name)
    .description(description)
    .option(
      "--dir <path>",
      "where its files are (default: $HOLDFAST_HOME, else .holdfast of the project)",
    )
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExamples:\n${examples}`);
}

/** For those who wonder why their data is elsewhere. */
export function otherDatabase(): string | undefined {
  return process.env.HOLDFAST_DATABASE_URL?.trim()
    ? "HOLDFAST_DATABASE_URL is set, so programs use that database and not this one"
    : undefined;
}
