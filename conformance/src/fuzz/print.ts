/** A failing case as one reads it. */
import type { FuzzCase, FuzzResult } from "./fuzz-case.ts";
import { printInterruption } from "./interruption.ts";
import type { Part } from "./program.ts";

export function printCase(
  { program, seed, crashes, interruptions }: FuzzCase,
  { violations, journal }: FuzzResult,
): string {
  return [
    ...violations.map((violation) => `✗ ${violation}`),
    `seed ${seed}; dies ${crashes.map(({ at, when }) => `${when} entry ${at}`).join(", then ") || "never"}`,
    `is told: ${interruptions.map(printInterruption).join(", then ") || "nothing"}`,
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
      const { id, kind, name, input, ms, timeout, failing, retries } = part;
      const marks = (["callId", "drifts", "fails", "once", "effect", "fatal"] as const).filter(
        (mark) => part[mark],
      );
      const patience = timeout === undefined ? "" : `given up after ${timeout} ms`;
      const tries =
        failing + retries === 0
          ? ""
          : `fails ${failing} times, tried ${retries + 1} times, after ${part.retryMs} ms`;
      const said = [`${id}: ${kind} ${name}("${input}") ~${ms} ms`, ...marks, patience, tries];
      const body = part.inside === undefined ? [] : inside(part.inside);
      return [said.filter(Boolean).join(" "), ...body];
    }
    case "ask": {
      const { id, kind, name, shown, dueInMs } = part;
      const marks = (["callId", "changes", "leaves"] as const).filter((mark) => part[mark]);
      const due = dueInMs === undefined ? "" : `due in ${dueInMs} ms`;
      return [[`${id}: ask ${kind} ${name}("${shown}")`, ...marks, due].filter(Boolean).join(" ")];
    }
    case "think":
      return [`think ${part.label} ${part.ms} ms`];
    case "scope":
    case "retry": {
      const restored = part.do === "scope" && part.restores ? " restored" : "";
      return [`${part.do} ${part.label}${restored}`, ...inside(part.part)];
    }
    case "held":
      return [`held ${part.label}`, ...part.parts.flatMap(inside)];
    default:
      return [part.do, ...part.parts.flatMap(inside)];
  }
}
