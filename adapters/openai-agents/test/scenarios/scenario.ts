// What a scenario is: a plain OpenAI Agents app that knows nothing of Holdfast. Whatever it does to
// the world goes through the one function it is built with, and its answers depend on what is asked,
// never on how often; so any two executions can be compared, in one process or in many.
import type { Agent, Runner } from "@openai/agents";

/**
 * Called by every model call and tool body where its effect is. A test counts there, waits there to
 * make a body slow, or ends the process. A rejection is the body's own failure.
 */
export type Effect = (name: string) => Promise<void>;

/** The context of every run: what its tools and handoffs have noted, by what was done. */
export interface Notes {
  readonly notes: Record<string, string>;
}

interface BuiltScenario {
  readonly app: Agent<Notes>;
  /** Default: that of the SDK's own `run`. */
  readonly runner?: Runner;
  readonly input: string;
  readonly options: { readonly context: Notes; readonly maxTurns?: number };
  /** What listeners were told so far. */
  readonly heard?: readonly string[];
}

/** What a person decides on the calls that wait for approval, by call id; always: on later ones, too. */
export type Decisions = Readonly<Record<string, `${"" | "always "}${"approve" | "reject"}`>>;

export interface Scenario {
  readonly name: string;
  /** A new app, sharing nothing with one that was built before. */
  build(effect: Effect): BuiltScenario;
  /** Whether the run is streamed; its events are then a part of the output. */
  readonly streamed?: true;
  /** Whether the run ends in an error, which is its output then. */
  readonly fails?: true;
  /** What is decided, one after the other, when the run stops for approvals. */
  readonly answers?: readonly Decisions[];
}
