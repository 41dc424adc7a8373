/** The types of LangGraph apps for `runtime.run`: what their own `invoke` takes and returns. */

interface Graph {
  readonly lg_is_pregel: boolean;
}

interface Agent {
  readonly graph: Graph;
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
  }
}

export type { AppTypes } from "@holdfast/core";
