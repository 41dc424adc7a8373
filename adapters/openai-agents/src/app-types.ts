/** The types of agents for `runtime.run`: what their own `run` takes and returns. */
import type { Agent, AgentInputItem, NonStreamRunOptions, RunResult } from "@openai/agents";
import type { AgentWithRunner, AnyAgent } from "./app.ts";

type ContextOf<App> = App extends Agent<infer Context, infer _> ? Context : unknown;

interface TypesOfAgent<App extends AnyAgent> {
  input: string | AgentInputItem[];
  options: Omit<NonStreamRunOptions<ContextOf<App>, App>, "stream">;
  output: RunResult<ContextOf<App>, App>;
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
