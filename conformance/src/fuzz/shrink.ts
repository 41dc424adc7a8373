/** Makes a failing case small enough to read: drops crashes and parts of the program while it still fails. */
import { type FuzzCase, runCase } from "./fuzz-case.ts";
import type { Part } from "./program.ts";

export async function shrink(failing: FuzzCase): Promise<FuzzCase> {
  let smallest = failing;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of smallerCases(smallest)) {
      if ((await runCase(candidate)).violations.length === 0) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smallerCases(current: FuzzCase): Generator<FuzzCase> {
  for (let drop = 0; drop < current.crashes.length; drop += 1) {
    yield { ...current, crashes: current.crashes.filter((_, index) => index !== drop) };
  }
  for (const [index, interruption] of current.interruptions.entries()) {
    if (interruption === undefined) continue;
    yield { ...current, interruptions: current.interruptions.with(index, undefined) };
  }
  for (const part of smallerParts(current.program.part)) {
    yield { ...current, program: { ...current.program, part } };
  }
}

function* smallerParts(part: Part): Generator<Part> {
  switch (part.do) {
    case "step":
      if (part.inside !== undefined) {
        yield part.inside;
        yield { ...part, inside: undefined };
        for (const inside of smallerParts(part.inside)) yield { ...part, inside };
      }
      if (part.timeout !== undefined) yield { ...part, timeout: undefined };
      for (const mark of ["drifts", "fails", "effect", "fatal", "once"] as const) {
        if (part[mark]) yield { ...part, [mark]: false };
      }
      if (part.failing > 0) yield { ...part, failing: part.failing - 1 };
      if (part.retries > 0) yield { ...part, retries: part.retries - 1 };
      return;
    case "ask":
      if (part.changes) yield { ...part, changes: false };
      if (part.leaves) yield { ...part, leaves: false };
      if (part.callId) yield { ...part, callId: false };
      if (part.dueInMs !== undefined && part.kind !== "timer")
        yield { ...part, dueInMs: undefined };
      return;
    case "think":
      return;
    case "scope":
    case "retry":
      yield part.part;
      if (part.do === "scope" && part.restores) yield { ...part, restores: false };
      for (const inner of smallerParts(part.part)) yield { ...part, part: inner };
      return;
    default:
      yield* part.parts;
      for (const [index, inner] of part.parts.entries()) {
        if (part.parts.length > 1) yield { ...part, parts: part.parts.toSpliced(index, 1) };
        for (const smaller of smallerParts(inner)) {
          yield { ...part, parts: part.parts.with(index, smaller) };
        }
      }
  }
}
