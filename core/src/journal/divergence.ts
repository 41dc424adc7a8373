/**
 * Says in words why a request does not fit the journal: what is recorded, what is asked for now and
 * where in the code, what differs, why that is likely so, and what to do about it.
 */
import { HoldfastError } from "../errors/index.ts";
import { advise } from "./advice.ts";
import { codeLocation } from "./code-location.ts";
import {
  type Contradiction,
  type Divergence,
  findContradiction,
  type Inputs,
  type RecordedStep,
} from "./contradiction.ts";
import { excerpt } from "./excerpt.ts";
import { type InputDifference, inputDifferences, inputTree } from "./input-difference.ts";
import type { StepIdentity } from "./step-record.ts";
import type { Volatility } from "./volatile-value.ts";

/** Where one is compared with several, how many of them are shown. */
const SHOWN = 3;

const NOUNS: Readonly<Record<string, string>> = {
  model: "model call",
  tool: "tool call",
  mcp: "MCP call",
  store: "store operation",
  session: "session operation",
  code: "step",
};

/**
 * The error for a run that stops because a request contradicts its journal. The message quotes inputs,
 * shortened, without what is named like a password: it is as confidential as they are.
 */
export function explainDivergence(divergence: Divergence): HoldfastError {
  const { runId, request, unclaimed, at } = divergence;
  const { identity, inputs } = request;
  const found = findContradiction(divergence);
  const compared = comparedSteps(found);
  const differences = compared.map((each) => differencesOf(each.inputs, inputs));
  const changes = differences.map((each) => leading(each)?.volatility).find(Boolean);
  const { likely, hint } = advise(found, identity.kind, changes);
  const meant: readonly RecordedStep[] = found.meant;
  const others = unclaimed.filter((each) => !meant.includes(each));
  const place = at === undefined ? undefined : codeLocation(at);
  const lines = [
    `Run ${runId} cannot go on: ${contradiction(found, identity)}`,
    ...first(meant, (each) => `Recorded: ${recordedStep(each)}`),
    `Asked now: ${step(identity)}${withInput(inputs)}`,
    ...first(compared, ({ record }, index) => {
      const from = compared.length === 1 ? "" : ` from step ${record.seq}`;
      return `Difference${from}: ${difference(differences[index])}`;
    }),
    ...(place === undefined ? [] : [`In the code: ${place}`]),
    ...first(others, (each) => `Also recorded there and not asked for: ${recordedStep(each)}`),
    `Likely: ${likely}`,
  ];
  return new HoldfastError("RUN_DIVERGED", lines.join("\n  "), {
    hint,
    details: {
      runId,
      contradiction: found.is,
      request: identity,
      recorded: meant.map(({ record }) => record.seq),
      differsAt: leading(differences[0])?.path,
      at: place,
    },
  });
}

function contradiction(found: Contradiction, identity: StepIdentity): string {
  const asked = `the ${step(identity)} ${inScope(identity)}`;
  switch (found.is) {
    case "call id reused":
      return `${asked} has the call id "${identity.callId}" of step ${found.meant[0].record.seq}, and other arguments than that.`;
    case "given away":
      return `${asked} is what step ${found.meant[0].record.seq} recorded, but that result was given to an earlier call, which seemed to be the same one with a changed input.`;
    case "other input":
      return `${asked} has another input than the recorded one.`;
    case "several could be meant":
      return `${asked} has another input than the ${found.meant.length} recorded ones that are left, and nothing tells which of them it is.`;
    case "other name":
      return `${asked} is asked for where the journal recorded the ${step(found.meant[0].record.identity)}, which nothing asked for.`;
    case "nothing left":
      return `${asked} is asked for, and nothing is left of what the journal recorded there.`;
  }
}

type Differences = readonly InputDifference[] | undefined;

/** Those of the records meant whose input should be that of the request. */
function comparedSteps({ is, meant }: Contradiction): readonly RecordedStep[] {
  return is === "other name" || is === "given away" ? [] : meant;
}

function differencesOf(recorded: Inputs, asked: Inputs): Differences {
  if (recorded === undefined || asked === undefined) return undefined;
  return inputDifferences(inputTree(recorded), inputTree(asked));
}

/** The one that says most: ids and times are often not what a step is known by. */
function leading(differences: Differences): InputDifference | undefined {
  const of = (volatility: Volatility | undefined) =>
    differences?.find((each) => each.volatility === volatility);
  return of(undefined) ?? of("time") ?? of("random");
}

function difference(differences: Differences): string {
  const shown = leading(differences);
  if (differences === undefined) return "not known, since an input is not stored.";
  if (shown === undefined) return "none in what is stored of the inputs.";
  const rest = differences.length - 1;
  const more = rest === 0 ? "" : ` (and ${rest} more ${rest === 1 ? "place" : "places"})`;
  return `${shown.text}${more}`;
}

function recordedStep({ record, inputs }: RecordedStep): string {
  return `step ${record.seq}, ${step(record.identity)}${withInput(inputs)}`;
}

function withInput(inputs: Inputs): string {
  if (inputs === undefined || inputs.length === 0) return "";
  return inputs.length === 1
    ? ` with ${excerpt(inputTree(inputs))}`
    : ` with ${inputs.length} inputs`;
}

function step({ kind, name }: StepIdentity): string {
  return `${noun(kind)} "${name}"`;
}

function noun(kind: string): string {
  return NOUNS[kind] ?? kind;
}

function inScope({ scope }: StepIdentity): string {
  return scope === "" ? "at the top of the run" : `in ${scope}`;
}

/** A line for each of the first few, and how many more there are. */
function first<T>(all: readonly T[], line: (each: T, index: number) => string): readonly string[] {
  const lines = all.slice(0, SHOWN).map(line);
  return all.length > SHOWN ? [...lines, `(and ${all.length - SHOWN} more)`] : lines;
}
