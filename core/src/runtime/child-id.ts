/** The id of a run that a run starts: on record, so that every execution means the same child. */
import { adapterFor } from "../adapter/registry.ts";
import type { RunContext } from "../run/run-context.ts";
import { step } from "../run/step.ts";
import type { Opened } from "./opened.ts";
import type { DurableOptions } from "./run-options.ts";
import { newChildId } from "./run-order.ts";
import { storableOptions } from "./stored-options.ts";

interface NewChild {
  readonly app: unknown;
  readonly input: unknown;
  readonly options: object | undefined;
  readonly durable: DurableOptions;
}

export function childId(
  { codec, adapters }: Opened,
  { runId }: RunContext,
  { app, input, options, durable: { name, ...durable } }: NewChild,
): Promise<string> {
  const own = typeof app === "string" ? app : adapterFor(app, adapters).nameOf(app);
  const { kept } = storableOptions(codec, { ...options, durable });
  return step(`start ${name ?? own}`, () => newChildId(runId), { input: [input, kept] });
}
