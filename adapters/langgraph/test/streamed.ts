// A scenario that is streamed, by LangGraph alone: what each of its turns tells, in which form.
import { Command, type StreamMode } from "@langchain/langgraph";
import type { Scenario } from "./scenarios/scenario.ts";
import { readAll } from "./told.ts";

const quiet = async () => {};

export interface Form {
  readonly streamMode?: StreamMode | StreamMode[];
  readonly subgraphs?: boolean;
  readonly encoding?: "text/event-stream";
  readonly version?: "v2" | "v3";
}

export interface BareApp {
  stream(input: unknown, options: object): unknown;
  streamEvents(input: unknown, options: object): unknown;
}

/** What each turn of a scenario tells: of its input, then of each answer. */
export async function turnsOf(
  { build, answers = [] }: Scenario,
  open: (app: unknown, input: unknown, options: object) => unknown,
): Promise<readonly (readonly unknown[])[]> {
  const { app, input, options = {} } = build(quiet);
  const turns: (readonly unknown[])[] = [];
  for (const given of [input, ...answers.map((resume) => new Command({ resume }))]) {
    turns.push(await readAll(open(app, given, options)));
  }
  return turns;
}

export function bare(scenario: Scenario, form: Form): Promise<readonly (readonly unknown[])[]> {
  return turnsOf(scenario, (app, input, options) => {
    const own = app as BareApp;
    const given = { ...options, ...form };
    return form.version === undefined ? own.stream(input, given) : own.streamEvents(input, given);
  });
}
