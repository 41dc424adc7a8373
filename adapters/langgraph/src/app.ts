/** What an app of LangGraph looks like: a compiled graph or functional entrypoint, or an agent around one. */
import type { RunnableConfig } from "@langchain/core/runnables";

export interface LangGraphApp {
  readonly name?: string | undefined;
  invoke(input: unknown, options?: RunnableConfig): Promise<unknown>;
}

/** The graph of an app, or undefined if it is none of LangGraph. */
export function graphOf(app: unknown): object | undefined {
  if (typeof app !== "object" || app === null) return undefined;
  if (isGraph(app)) return app;
  if (!("graph" in app) || !("invoke" in app)) return undefined;
  return typeof app.graph === "object" && app.graph !== null && isGraph(app.graph)
    ? app.graph
    : undefined;
}

function isGraph(value: object): boolean {
  return "lg_is_pregel" in value && value.lg_is_pregel === true;
}
