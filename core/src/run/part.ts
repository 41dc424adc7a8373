/** An app that is run inside a run: a scope of it, over the same journal. */
import { adapterFor } from "../adapter/registry.ts";
import { alone } from "./alone.ts";
import type { RunContext } from "./run-context.ts";

export interface Part {
  readonly app: unknown;
  readonly input: unknown;
  readonly options?: unknown;
  /** What its user calls it, to tell it from others of its app. Default: the app's own name. */
  readonly name?: string | undefined;
}

export function runPart(run: RunContext, { app, input, options, name }: Part): Promise<unknown> {
  const adapter = adapterFor(app, run.adapters);
  adapter.install(app);
  const label = name ?? adapter.nameOf(app);
  const part = async () => {
    const end = await adapter.execute({ app, input, options, run });
    // Its framework wants to be asked again when there is an answer: the run is, as a whole.
    return end.is === "ended" ? end.output : run.execution.park(() => new Promise(() => {}));
  };
  const hint = `Give each a name: runtime.run(app, input, { durable: { runId: "…" } }).`;
  return alone({ runId: run.runId, what: `app "${label}"`, hint }, () => run.scope(label, part));
}
