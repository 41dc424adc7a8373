/** What `runtime.run` takes and returns for agents, workflows and nodes of ADK. */
import type { Event, Runner } from "@google/adk";
import type { AdkApp } from "./app.ts";

type RunParameters = Parameters<Runner["runAsync"]>[0];

/** What the user says: a text, or a message with parts. */
export type AdkInput = string | RunParameters["newMessage"];

/**
 * What `Runner.runAsync` takes beside the message, but for its abort signal: a run is cancelled by its
 * handle. Default: the user `"user"`, and a session with the id of the run.
 */
export type AdkOptions = Partial<
  Pick<RunParameters, "userId" | "sessionId" | "stateDelta" | "runConfig" | "customMetadata">
>;

export interface AdkOutput {
  /** In the order in which ADK yields them, each as it was then. */
  readonly events: readonly Event[];
  /** What the last node returned; of an agent, the text of its final answer. */
  readonly output: unknown;
  /** The state of the session after the last event. */
  readonly state: Readonly<Record<string, unknown>>;
}

declare module "@holdfast/core" {
  interface AppTypes<App> {
    adk: App extends AdkApp
      ? {
          input: AdkInput;
          options: AdkOptions;
          output: AdkOutput;
          stream: AsyncGenerator<Event, void, undefined>;
        }
      : never;
  }
}
