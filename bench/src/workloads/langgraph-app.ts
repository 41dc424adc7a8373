/** An app of LangGraph as the bench calls it: by its own `invoke`, or durably. */
import type { Runtime } from "@holdfast/core";

interface LangGraphApp<Input> {
  readonly lg_is_pregel: boolean;
  invoke(input: Input, options?: object): Promise<unknown>;
}

export type Invoke = <Input>(
  app: LangGraphApp<Input>,
  input: Input,
  options: object,
) => Promise<unknown>;

export const bare: Invoke = (app, input, options) => app.invoke(input, options);

export function durably(runtime: Runtime): Invoke {
  return (app, input, options) => runtime.run(app as LangGraphApp<unknown>, input, options);
}
