/** The types of agents for `runtime.run`: what their own `run` takes and returns. */
import type {
  Agent,
  AgentInputItem,
  NonStreamRunOptions,
  RunResult,
  RunState,
  Session,
  StreamedRunResult,
} from "@openai/agents";
import type { AgentWithRunner, AnyAgent } from "./app.ts";

type ContextOf<App> = App extends Agent<infer Context, infer _> ? Context : unknown;

/** A session may be given by its name alone: it is kept with the runs then. */
interface OwnOptions<App extends AnyAgent>
  extends Omit<NonStreamRunOptions<ContextOf<App>, App>, "stream" | "session"> {
  session?: Session | string;
}

interface TypesOfAgent<App extends AnyAgent> {
  /** A state that was read back from its text says nothing of its context. */
  input: string | AgentInputItem[] | RunState<ContextOf<App>, App> | RunState<unknown, App>;
  options: OwnOptions<App>;
  output: RunResult<ContextOf<App>, App>;
  stream: StreamedRunResult<ContextOf<App>, App>;
}

declare module "@holdfast/core" {
  interface AppTypes<App> {
    openaiAgents: App extends AnyAgent
      ? TypesOfAgent<App>
      : App extends AgentWithRunner<infer Inner>
        ? TypesOfAgent<Inner>
        : never;
  }
}

export type { AppTypes } from "@holdfast/core";
