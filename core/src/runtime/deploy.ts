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

export async function announce(
  { store, namespace }: Opened,
  apps: Iterable<LoadedApp>,
): Promise<void> {
  for (const { name, adapter } of apps) {
    await store.deploy({ namespace, name, framework: adapter.name, version: ONE_VERSION });
  }
}
