/** Begins to serve apps: loads them, announces them, takes up their runs. */
import { HoldfastError } from "../errors/index.ts";
import { Draining } from "../worker/draining.ts";
import { checkServeOptions, type ServeOptions } from "../worker/serve-options.ts";
import { type LoadedApp, loadApps, type Servable } from "../worker/served-apps.ts";
import { Serving } from "../worker/serving.ts";
import { onShutdown } from "../worker/shutdown-signals.ts";
import { graceOf, type Worker } from "../worker/worker.ts";
import { announce } from "./deploy.ts";
import type { Opened } from "./opened.ts";

export interface ServingHere {
  readonly worker: Worker;
  readonly loaded: ReadonlyMap<string, LoadedApp>;
}

interface ServeParts {
  readonly options: ServeOptions;
  /** The end of the runtime. */
  readonly draining: Draining;
  /** For when a signal ends the process. */
  readonly close: () => Promise<void>;
}

export async function serve(
  opened: Opened,
  apps: Readonly<Record<string, Servable>>,
  { options, draining: outer, close }: ServeParts,
): Promise<ServingHere> {
  const { concurrency, queues, signals } = checkServeOptions(options);
  const { membership, store, namespace, logger } = opened;
  const { loaded, refused } = await loadApps(apps, opened.adapters);
  for (const [app, error] of refused) logger.error(error.message, { app, error });
  if (loaded.size === 0) throw [...refused.values()][0] ?? nothingToServe();

  const names = [...loaded.keys()];
  await announce(opened, loaded.values());
  await membership.current();
  const served = { namespace, apps: names, queues: queues.map(({ name }) => name) };
  const rebuilds = names.filter((name) => loaded.get(name)!.options !== undefined);
  const withdraw = await membership.announce({ ...served, concurrency, rebuilds });
  // What waited for other code or other options may have waited for these.
  await store.unblock(served);

  const draining = new Draining(outer);
  const { drain, letGo: signal } = draining;
  const serving = new Serving({ opened, apps: loaded, concurrency, queues, signal, drain });
  const offSignals = signals ? onShutdown(close) : () => {};
  const done = serving.run().then(async () => {
    offSignals();
    // The runtime that closes leaves as a whole.
    if (!outer.drain.aborted) await withdraw().catch(() => {});
  });
  const worker: Worker = {
    apps: names,
    refused,
    get busy() {
      return serving.busy;
    },
    drain: async (how = {}) => {
      const grace = graceOf(how);
      draining.begin(new DOMException("The worker drains.", "AbortError"));
      await draining.after(done, grace);
    },
    done,
  };
  logger.info(`Serving ${names.join(", ")}.`, { apps: names, concurrency });
  return { worker, loaded };
}

function nothingToServe(): HoldfastError {
  return new HoldfastError("OPTION_INVALID", "serve() was given no app.", {
    hint: "Give at least one by name: runtime.serve({ support: graph }).",
  });
}
