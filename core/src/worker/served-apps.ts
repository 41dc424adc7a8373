/** The apps a worker serves, by name: each loaded once, and refused by itself if that fails. */
import type { Adapter } from "../adapter/adapter.ts";
import { adapterFor, recognises } from "../adapter/registry.ts";
import { HoldfastError } from "../errors/index.ts";
import type { StoredOrder } from "../runtime/run-order.ts";

/** A run as those see it who rebuild its options. */
export interface ServedRun extends Omit<StoredOrder, "policies" | "inputAgain"> {
  readonly runId: string;
  readonly app: string;
  readonly queue: string;
}

/** Makes again what of a run's options could not be stored. It is laid over what could. */
export type RebuildOptions = (run: ServedRun) => object | Promise<object>;

export type ServedApp =
  | { readonly app: unknown; readonly options?: RebuildOptions }
  | { readonly load: () => unknown; readonly options?: RebuildOptions };

/** An app, or what says more about it. */
export type Servable = ServedApp | object;

export interface LoadedApp {
  readonly name: string;
  readonly app: unknown;
  readonly adapter: Adapter;
  readonly options: RebuildOptions | undefined;
}

export interface LoadedApps {
  readonly loaded: ReadonlyMap<string, LoadedApp>;
  /** Why the others are not served. */
  readonly refused: ReadonlyMap<string, HoldfastError>;
}

export async function loadApps(
  apps: Readonly<Record<string, Servable>>,
  adapters: readonly Adapter[],
): Promise<LoadedApps> {
  const loaded = new Map<string, LoadedApp>();
  const refused = new Map<string, HoldfastError>();
  await Promise.all(
    Object.entries(apps).map(async ([name, given]) => {
      try {
        loaded.set(name, await loadApp(name, given, adapters));
      } catch (error) {
        refused.set(name, HoldfastError.is(error) ? error : notLoaded(name, error));
      }
    }),
  );
  return { loaded, refused };
}

async function loadApp(
  name: string,
  given: Servable,
  adapters: readonly Adapter[],
): Promise<LoadedApp> {
  const { app, options } =
    recognises(given, adapters) || !isObject(given)
      ? { app: given, options: undefined }
      : await partsOf(name, given);
  const adapter = adapterFor(app, adapters);
  adapter.install(app);
  return { name, app, adapter, options };
}

async function partsOf(
  name: string,
  given: object,
): Promise<{ readonly app: unknown; readonly options: RebuildOptions | undefined }> {
  const { options } = given as ServedApp;
  if (options !== undefined && typeof options !== "function") throw notRebuilding(name);
  if ("load" in given && typeof given.load === "function") {
    return { app: await given.load(), options };
  }
  return { app: "app" in given ? given.app : given, options };
}

function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null;
}

function notRebuilding(name: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", `The options of the app "${name}" are no function.`, {
    hint: "Give one that makes them anew for each run: { app, options: (run) => ({ … }) }.",
    details: { app: name },
  });
}

function notLoaded(name: string, cause: unknown): HoldfastError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoldfastError("APP_NOT_LOADED", `The app "${name}" could not be loaded: ${reason}`, {
    hint: "Mend what it says and serve it again. Its runs wait until a worker serves it; the other apps are served.",
    cause,
    details: { app: name },
  });
}
