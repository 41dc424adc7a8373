/** Inputs that answer what a graph asked: LangGraph's own way to go on, told as answers to a run's waits. */
import { HoldfastError } from "@holdfast/core";
import type { GivenAnswer, OpenQuestion } from "@holdfast/core/adapter";
import { type Command, isCommand } from "@langchain/langgraph";

type Answering = (open: readonly OpenQuestion[]) => readonly GivenAnswer[];

/**
 * `Command({ resume })` answers questions, by their ids or the first one; `null` passes a breakpoint.
 * Undefined for every other input. Throws OPTION_INVALID for a command that is to do more than that.
 */
export function answersIn(input: unknown): Answering | undefined {
  if (input === null) return passing;
  if (!isCommand(input) || input.resume === undefined || input.resume === null) return undefined;
  const { resume, update, goto = [] } = input as Command;
  if (update !== undefined || [goto].flat().length > 0) throw doesMore();
  return (open) => {
    const asked = open.filter((question) => !isBreakpoint(question));
    if (!isById(resume)) return asked.slice(0, 1).map(({ wait }) => ({ wait, value: resume }));
    return asked.flatMap(({ wait, callId = "" }) => {
      const [id] = callId.split("/");
      return id !== undefined && id in resume ? [{ wait, value: resume[id] }] : [];
    });
  };
}

function passing(open: readonly OpenQuestion[]): readonly GivenAnswer[] {
  return open.filter(isBreakpoint).map(({ wait }) => ({ wait, value: null }));
}

function isBreakpoint({ asked, callId }: OpenQuestion): boolean {
  if (callId !== undefined || typeof asked !== "object" || asked === null) return false;
  return "interruptBefore" in asked || "interruptAfter" in asked;
}

/** As LangGraph tells it: by keys that can be nothing but ids of its interrupts. */
function isById(resume: unknown): resume is Readonly<Record<string, unknown>> {
  if (typeof resume !== "object" || resume === null) return false;
  return Object.keys(resume).every((key) => /^[0-9a-f]{32}$/.test(key));
}

function doesMore(): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    "A Command that answers a question and updates the state or goes to a node as well cannot be given to a run.",
    {
      hint: "Answer with `new Command({ resume })`. Update the state of a run that waits with app.updateState(await runtime.config(app, runId), …).",
    },
  );
}
