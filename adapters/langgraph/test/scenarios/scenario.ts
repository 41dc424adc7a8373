// What a scenario is: a plain LangGraph app that knows nothing of Holdfast. Whatever it does to the
// world goes through the one function it is built with, and its answers depend on what is asked,
// never on how often; so any two executions can be compared, in one process or in many.
import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * Called by every model call and tool body where its effect is. A test counts there, waits there to
 * make a body slow, or ends the process. A rejection is the body's own failure.
 */
export type Effect = (name: string) => Promise<void>;

/** The part of a compiled graph or agent that every scenario's app has. */
interface InvokableApp {
  invoke(input: unknown, options?: RunnableConfig): Promise<unknown>;
}

interface BuiltScenario {
  readonly app: InvokableApp;
  readonly input: unknown;
  readonly options?: RunnableConfig;
}

export interface Scenario {
  readonly name: string;
  /** A new app, sharing nothing with one that was built before. */
  build(effect: Effect): BuiltScenario;
  /** What is answered, one after the other, when the app pauses with an interrupt. */
  readonly answers?: readonly unknown[];
  /**
   * The effects that LangGraph alone has again because it resumes a node from its beginning: those
   * of a bare run without these are what a durable run may have.
   */
  readonly repeated?: readonly string[];
  /** Whether its state is stored as less than it is, which every process says anew. */
  readonly isLossy?: boolean;
}
