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
  for (const part of smallerParts(current.program.part)) {
    yield { ...current, program: { ...current.program, part } };
  }
}

function* smallerParts(part: Part): Generator<Part> {
  switch (part.do) {
    case "step":
      if (part.timeout !== undefined) yield { ...part, timeout: undefined };
      if (part.drifts) yield { ...part, drifts: false };
      if (part.fails) yield { ...part, fails: false };
      return;
    case "scope":
    case "retry":
      yield part.part;
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
