import { HoldfastError } from "@holdfast/core";
import { CommanderError } from "commander";
import { NotFound } from "./not-found.ts";

interface Report {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Writes what went wrong and what to do next to stderr, as one JSON document if asked for. */
export function reportError(error: unknown, json: boolean): void {
  const report = reportOf(error);
  process.stderr.write(
    json
      ? `${JSON.stringify({ error: report })}\n`
      : `error: ${report.message}\n  What to do: ${report.hint}\n`,
  );
}

function reportOf(error: unknown): Report {
  if (HoldfastError.is(error)) {
    // The message repeats the hint; here they stand apart.
    const message = error.message.split("\n  What to do:")[0] ?? error.message;
    return { code: error.code, message, hint: error.hint };
  }
  if (error instanceof NotFound) {
    return { code: "NOT_FOUND", message: error.message, hint: error.hint };
  }
  if (error instanceof CommanderError) {
    const missing = error.code === "commander.help";
    const message = missing ? "a command is missing" : error.message.replace(/^error: /, "");
    return { code: "USAGE", message, hint: "See holdfast --help, or --help after any command." };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "UNEXPECTED", message, hint: "This should not happen; please report it." };
}
