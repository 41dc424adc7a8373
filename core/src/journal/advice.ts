/** Why a run has likely diverged, and what its people can do about it. */
import type { Contradiction } from "./contradiction.ts";
import type { Volatility } from "./volatile-value.ts";

export interface Advice {
  readonly likely: string;
  readonly hint: string;
}

/** Kinds whose input may change: if they diverge all the same, their place did not tell them apart. */
const MAY_DRIFT: ReadonlySet<string> = new Set(["model", "node"]);

const GO_BACK = "Run it on the code it began with, and it goes on from here.";
const FOR_NEW_RUNS = "Steps that are added, removed, renamed or moved are for new runs.";

/** @param changes what is another one each time in the input, if that looks so */
export function advise(
  found: Contradiction,
  kind: string,
  changes: Volatility | undefined,
): Advice {
  if (changes !== undefined) return VOLATILE[changes];
  switch (found.is) {
    case "call id reused":
      return {
        likely:
          "something between the model and the call changes the arguments, such as a middleware or a default value, or the model's provider gave one id to two calls.",
        hint: `Leave the arguments as the model gave them, or give each call an id of its own. ${GO_BACK}`,
      };
    case "given away":
      return {
        likely:
          "calls that run at the same time came in another order than when they were recorded, and the input of one of them changed.",
        hint: "Start this run anew. Keep what changes out of the inputs of parallel calls: read clocks and draw random values in steps of their own.",
      };
    case "other input":
    case "several could be meant":
      return {
        likely: `the code that makes this input was changed, a call was added, removed or moved before it, or the input holds what is not the same each time the code runs.${placeDoesNotTell(found, kind)}`,
        hint: `${GO_BACK} A change that is meant is for new runs.`,
      };
    case "other name":
      if (found.same === undefined) {
        const likely = "it was renamed, or a step was added, removed or moved.";
        return { likely, hint: `${GO_BACK} ${FOR_NEW_RUNS}` };
      }
      return {
        likely: `it was renamed: the ${found.same} is the same.`,
        hint: "Give it the recorded name again, or run it on the code it began with, and it goes on from here. New names are for new runs.",
      };
    case "nothing left":
      return {
        likely: "a step was added, or is asked for more often than it was recorded.",
        hint: `${GO_BACK} ${FOR_NEW_RUNS}`,
      };
  }
}

function placeDoesNotTell({ is }: Contradiction, kind: string): string {
  if (is !== "other input" || !MAY_DRIFT.has(kind)) return "";
  return " Its place does not tell that it is the recorded one: another ran at the same time, or one before it is missing.";
}

const VOLATILE: Readonly<Record<Volatility, Advice>> = {
  time: {
    likely: "the input holds the time, which is another one each time the code runs.",
    hint: 'Read the clock in a step of its own, such as await step("now", () => Date.now()): a replay is then given the recorded time. This run was recorded without that: start it anew.',
  },
  random: {
    likely: "the input holds a random value, which is another one each time the code runs.",
    hint: 'Draw it in a step of its own, such as await step("id", () => crypto.randomUUID()): a replay is then given the recorded one. This run was recorded without that: start it anew.',
  },
};
