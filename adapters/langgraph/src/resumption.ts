/**
 * What a graph is called with to go on: its answers, and the updates and steps elsewhere that were given
 * with them. LangGraph applies those before the task that asked runs again, once for each pause.
 */
import { Command, isCommand } from "@langchain/langgraph";

export interface Given {
  /** LangGraph's id of what was asked. */
  readonly id: string;
  /** A command where more was given: what it resumes with is the answer. */
  readonly answer: unknown;
}

/** Whether a command is to do more than to answer. */
export function doesMore({ update, goto = [] }: Pick<Command, "update" | "goto">): boolean {
  return update !== undefined || [goto].flat().length > 0;
}

/** An answer that takes with it what a command is to do besides. */
export function withMore(answer: unknown, command: Command): unknown {
  if (!doesMore(command)) return answer;
  const { update, goto = [] } = command;
  return new Command({ resume: answer, goto, ...(update === undefined ? {} : { update }) });
}

export function resumption(given: readonly Given[]): Command | undefined {
  if (given.length === 0) return undefined;
  const commands = given.map(({ answer }) => asCommand(answer));
  const update = commands.flatMap(({ update = [] }) => asPairs(update));
  return new Command({
    resume: Object.fromEntries(given.map(({ id }, nth) => [id, commands[nth]?.resume])),
    goto: commands.flatMap(({ goto = [] }) => goto),
    ...(update.length === 0 ? {} : { update }),
  });
}

function asCommand(answer: unknown): Pick<Command, "resume" | "update" | "goto"> {
  return isCommand(answer) ? (answer as Command) : { resume: answer };
}

function asPairs(update: NonNullable<Command["update"]>): [channel: string, value: unknown][] {
  return Array.isArray(update) ? update : Object.entries(update);
}
