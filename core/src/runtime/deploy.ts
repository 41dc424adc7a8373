/** Announces apps by name: for lists, and for those who start them by name. Nothing is run. */
import { type LoadedApp, loadApps, type Servable } from "../worker/served-apps.ts";
import type { Opened } from "./opened.ts";

/** What an app is of whose version its user says nothing. */
const ONE_VERSION = "1";

/** Rejects with why the first app that cannot be loaded cannot; then nothing is announced. */
export async function deploy(
  opened: Opened,
  apps: Readonly<Record<string, Servable>>,
): Promise<void> {
  const { loaded, refused } = await loadApps(apps, opened.adapters);
  for (const error of refused.values()) throw error;
  await announce(opened, loaded.values());
}

export async function announce(opened: Opened, apps: Iterable<LoadedApp>): Promise<void> {
  const { store, namespace } = opened;
  for (const app of apps) {
    const { name, adapter } = app;
    const structure = await structureOf(opened, app);
    await store.deploy({
      namespace,
      name,
      framework: adapter.name,
      version: ONE_VERSION,
      ...(structure === undefined ? {} : { structure }),
    });
  }
}

/** Only people need it: an app of which it cannot be told runs as well. */
async function structureOf(
  { logger }: Opened,
  { name, adapter, app }: LoadedApp,
): Promise<string | undefined> {
  try {
    const structure = await adapter.describe?.(app);
    return structure && JSON.stringify(structure);
  } catch (error) {
    logger.warn(`The structure of the app "${name}" could not be told.`, { app: name, error });
    return undefined;
  }
}
