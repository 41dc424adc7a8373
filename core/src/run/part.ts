/** An app that is run inside a run: a scope of it, over the same journal. */
import { adapterFor } from "../adapter/registry.ts";
import type { RunContext } from "./run-context.ts";

export interface Part {
  readonly app: unknown;
  readonly input: unknown;
  readonly options?: unknown;
}

export function runPart(run: RunContext, { app, input, options }: Part): Promise<unknown> {
  const adapter = adapterFor(app, run.adapters);
  adapter.install(app);
  return run.scope(adapter.nameOf(app), async () => {
    const end = await adapter.execute({ app, input, options, run });
    // Its framework wants to be asked again when there is an answer: the run is, as a whole.
    return end.is === "ended" ? end.output : run.execution.park(() => new Promise(() => {}));
  });
}
