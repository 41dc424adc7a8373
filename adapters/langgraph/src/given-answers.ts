/** Inputs that answer what a graph asked: LangGraph's own way to go on, told as answers to a run's waits. */
import type { Answering, GivenAnswer, OpenQuestion } from "@holdfast/core/adapter";
import { type Command, isCommand } from "@langchain/langgraph";
import { BREAKPOINT } from "./answers.ts";
import { doesMore, withMore } from "./resumption.ts";

/**
 * `Command({ resume })` answers questions, by their ids or the first one; what else it is to do goes with
 * the first answer. Where only a breakpoint is open it passes that, as `null` does. Undefined for every
 * other input.
 */
export function answersIn(
  input: unknown,
): ((open: readonly OpenQuestion[]) => Answering) | undefined {
  if (input === null) return goingOn;
  if (!isCommand(input) || input.resume === undefined || input.resume === null) return undefined;
  const command = input as Command;
  return (open) => {
    const answers = answersOf(
      open.filter((question) => !isBreakpoint(question)),
      command.resume,
    );
    const [first, ...others] = answers;
    if (first === undefined) return doesMore(command) ? [] : passing(open);
    return [{ ...first, value: withMore(first.value, command) }, ...others];
  };
}

function answersOf(asked: readonly OpenQuestion[], resume: unknown): readonly GivenAnswer[] {
  if (!isById(resume)) return asked.slice(0, 1).map(({ wait }) => ({ wait, value: resume }));
  const answered = new Set<string>();
  return asked.flatMap(({ wait, callId = "" }) => {
    const [id] = callId.split("/");
    if (id === undefined || !(id in resume) || answered.has(id)) return [];
    answered.add(id);
    return [{ wait, value: resume[id] }];
  });
}

/** Somebody may have changed the state so that nothing is asked any more. */
function goingOn(open: readonly OpenQuestion[]): Answering {
  const passed = passing(open);
  return passed.length > 0 ? passed : "goes on";
}

function passing(open: readonly OpenQuestion[]): readonly GivenAnswer[] {
  return open.filter(isBreakpoint).map(({ wait }) => ({ wait, value: null }));
}

function isBreakpoint({ name, callId }: OpenQuestion): boolean {
  return name === BREAKPOINT && callId === undefined;
}

/** As LangGraph tells it: by keys that can be nothing but ids of its interrupts. */
function isById(resume: unknown): resume is Readonly<Record<string, unknown>> {
  if (typeof resume !== "object" || resume === null) return false;
  const keys = Object.keys(resume);
  return keys.length > 0 && keys.every((key) => /^[0-9a-f]{32}$/.test(key));
}
