/** The types of LangGraph apps, and of runnables of LangChain that are none, for `runtime.run`: what their own `invoke` takes and returns. */

interface Graph {
  readonly lg_is_pregel: boolean;
}

interface Agent {
  readonly graph: Graph;
}

interface Chain {
  readonly lc_namespace: readonly string[];
  getName(suffix?: string): string;
}

interface Invokes<Input, Options, Output> {
  invoke(input: Input, options?: Options): Promise<Output>;
}

declare module "@holdfast/core" {
  interface AppTypes<App> {
    langgraph: App extends Graph | Agent
      ? App extends Invokes<infer Input, infer Options, infer Output>
        ? { input: Input; options: NonNullable<Options>; output: Output }
        : never
      : never;
    langchain: App extends Graph | Agent
      ? never
      : App extends Chain & Invokes<infer Input, infer Options, infer Output>
        ? { input: Input; options: NonNullable<Options>; output: Output }
        : never;
  }
}

export type { AppTypes } from "@holdfast/core";
