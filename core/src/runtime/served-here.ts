/** What this runtime serves: by which names its workers know an app. */
import type { Codec } from "../codec/index.ts";
import type { LoadedApp } from "../worker/served-apps.ts";
import type { DurableOptions } from "./run-options.ts";
import type { ServingHere } from "./serve.ts";
import { storableOptions } from "./stored-options.ts";

export class ServedHere {
  readonly #serving = new Set<ServingHere>();

  /** Counts it in until it has ended. */
  async during(serving: ServingHere): Promise<void> {
    this.#serving.add(serving);
    await serving.worker.done;
    this.#serving.delete(serving);
  }

  nameOf(app: unknown): string | undefined {
    return this.#find(app)?.name;
  }

  /** The app as it is served by this name. */
  find(app: unknown, name: string): LoadedApp | undefined {
    return this.#find(app, (served) => served.name === name);
  }

  /** Whether the options for a run of this app are such that only who calls has them. */
  isOnlyHere(
    codec: Codec,
    app: unknown,
    options: object | undefined,
    { policies }: DurableOptions,
  ): boolean {
    const { missing } = storableOptions(codec, { ...options, durable: { policies } });
    return (
      missing.length > 0 &&
      this.#find(app, ({ options: rebuilt }) => rebuilt !== undefined) === undefined
    );
  }

  /** Resolves when all that serve now have ended. */
  settled(): Promise<unknown> {
    return Promise.allSettled([...this.#serving].map(({ worker }) => worker.done));
  }

  #find(app: unknown, will: (served: LoadedApp) => boolean = () => true): LoadedApp | undefined {
    for (const { loaded } of this.#serving) {
      for (const served of loaded.values()) if (served.app === app && will(served)) return served;
    }
    return undefined;
  }
}
