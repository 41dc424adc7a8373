// What a scenario is: a plain ADK app that knows nothing of Holdfast. Whatever it does to the world
// goes through the one function it is built with, and its answers depend on what is asked, never on
// how often; so any two executions can be compared, in one process or in many.
import type { InMemoryRunner, RunConfig } from "@google/adk";

/**
 * Called by every model call and tool body where its effect is. A test counts there, waits there to
 * make a body slow, or ends the process. A rejection is the body's own failure.
 */
export type Effect = (name: string) => Promise<void>;

/** What a runner takes as its root: an agent or a workflow. */
type Root = NonNullable<ConstructorParameters<typeof InMemoryRunner>[0]["agent"]>;

interface BuiltScenario {
  readonly app: Root;
  /** What the user says. */
  readonly input: string;
  readonly options?: { readonly runConfig: RunConfig };
}

/** The answer to a function call that was left open, by the name of the function. */
export interface Reply {
  readonly call: string;
  readonly response: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly name: string;
  /** A new app, sharing nothing with one that was built before. */
  build(effect: Effect): BuiltScenario;
  /** What is answered, one after the other, when the run ends with an open call. */
  readonly answers?: readonly Reply[];
  /** Whether the order of events and the last writer of a state follow from which effect is quicker. */
  readonly racing?: true;
  /** What of its texts follows from that, too. */
  readonly chance?: RegExp;
  /** Why a durable run rightly differs from a bare one, where it does. */
  readonly unlikeBare?: string;
}
