/** A failing case as one reads it. */
import type { FuzzCase, FuzzResult } from "./fuzz-case.ts";
import type { Part } from "./program.ts";

export function printCase(
  { program, seed, crashes }: FuzzCase,
  { violations, journal }: FuzzResult,
): string {
  return [
    ...violations.map((violation) => `✗ ${violation}`),
    `seed ${seed}; dies ${crashes.map(({ at, when }) => `${when} entry ${at}`).join(", then ") || "never"}`,
    "program",
    ...printPart(program.part).map((line) => `  ${line}`),
    "journal",
    ...journal.map(
      ({ seq, epoch, entry, step, scope, name, callId, hash, overlapped, value }) =>
        `  ${seq} e${epoch} ${entry} ${step ?? ""} ${scope ?? ""} ${name ?? ""} ${callId ?? ""} ${hash ?? ""}${overlapped ? " overlapped" : ""} ${value ?? ""}`,
    ),
  ].join("\n");
}

function printPart(part: Part): readonly string[] {
  const inside = (inner: Part) => printPart(inner).map((line) => `  ${line}`);
  switch (part.do) {
    case "step": {
      const { id, kind, name, input, ms, timeout } = part;
      const marks = (["callId", "drifts", "fails", "once"] as const).filter((mark) => part[mark]);
      const patience = timeout === undefined ? "" : `given up after ${timeout} ms`;
      return [`${id}: ${kind} ${name}("${input}") ~${ms} ms ${[...marks, patience].join(" ")}`];
    }
    case "scope":
    case "retry":
      return [`${part.do} ${part.label}`, ...inside(part.part)];
    default:
      return [part.do, ...part.parts.flatMap(inside)];
  }
}
