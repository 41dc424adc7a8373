/**
 * The config by which an app's own methods read the state of a run, and change it: with the run's own
 * options, over what its space keeps.
 */
import { adapterFor } from "../adapter/registry.ts";
import { HoldfastError } from "../errors/index.ts";
import { RunSpace } from "../run/run-space.ts";
import { runNotFound } from "../store/store-errors.ts";
import { rebuiltOptions } from "../worker/rebuilt-options.ts";
import type { Opened } from "./opened.ts";
import { splitOptions } from "./run-options.ts";
import { anotherApp, readOrder, runIdOf } from "./run-order.ts";
import type { ServedHere } from "./served-here.ts";
import { laidOver } from "./stored-options.ts";

export interface AskedConfig {
  readonly app: unknown;
  /** The run's id, or the name it was given. */
  readonly runId: string;
  /** As `run` takes them: what could not be stored of the run's, and what it is called. */
  readonly options: object | undefined;
}

/** Throws RUN_NOT_FOUND, INPUT_MISMATCH if the run is of another app, and APP_HAS_NO_STATE. */
export async function configOf(
  opened: Opened,
  served: ServedHere,
  asked: AskedConfig,
): Promise<unknown> {
  const { app } = asked;
  const adapter = adapterFor(app, opened.adapters);
  if (adapter.configFor === undefined) throw hasNoState(adapter.name);
  adapter.install(app);
  const { durable, options: given = {} } = splitOptions(asked.options);
  const id = runIdOf(asked.runId, opened.namespace);
  const run = await opened.store.run(id);
  if (run === undefined) throw runNotFound(id);
  const loaded = served.find(app, run.app);
  const name = durable.name ?? loaded?.name ?? adapter.nameOf(app);
  if (name !== run.app) throw anotherApp(run, name);
  const order = await readOrder(opened, run.runId);
  const { options = {} } = loaded === undefined ? order : await rebuiltOptions(loaded, run, order);
  const space = await RunSpace.of(run, opened);
  return adapter.configFor({ app, options: laidOver(options, given), runId: run.runId, space });
}

function hasNoState(framework: string): HoldfastError {
  return new HoldfastError("APP_HAS_NO_STATE", `Apps of ${framework} have no state to be read.`, {
    hint: "See what a run did by handle.steps() and handle.events(), and what it came to by handle.result().",
    details: { framework },
  });
}
