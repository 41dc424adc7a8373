/**
 * Artifacts in Holdfast's store: those of a session, and those of a user, whose names begin with `user:` and
 * which all sessions of the user share. Invariants: one call saves one version, however often it is made; and
 * what was removed stays, for whoever has it on record.
 */
import {
  type CompositeSessionKey,
  InMemoryArtifactService,
  type SaveArtifactRequest,
} from "@google/adk";
import { changeShared, type RunContext, readShared, type SharedName } from "@holdfast/core/adapter";

type Named = CompositeSessionKey & { readonly filename: string; readonly version?: number };
type Part = SaveArtifactRequest["artifact"];

/** Which version of one: the call that saved it. */
export type Version = string | null;

interface Entry {
  readonly filename: string;
  readonly customMetadata?: Readonly<Record<string, unknown>> | undefined;
  /** The call that saved it. */
  readonly by: string;
  readonly isRemoved?: true;
}

interface Kept {
  entries: readonly Entry[];
  parts: readonly unknown[];
}

/** By the call that has done it. */
type OfUser = Readonly<
  Record<
    string,
    | { readonly filename: string; readonly isRemoved: true }
    | (Omit<Entry, "by"> & { readonly part: unknown; readonly isRemoved?: undefined })
  >
>;

const byRun = new WeakMap<RunContext, OwnArtifacts>();

export class OwnArtifacts {
  readonly #run: RunContext;
  readonly #kept = new Map<string, Promise<Kept>>();

  static of(run: RunContext): OwnArtifacts {
    const there = byRun.get(run) ?? new OwnArtifacts(run);
    byRun.set(run, there);
    return there;
  }

  private constructor(run: RunContext) {
    this.#run = run;
  }

  /** What there is, as ADK tells it. */
  async of(key: CompositeSessionKey): Promise<InMemoryArtifactService> {
    const service = new InMemoryArtifactService();
    for (const { entries, parts } of [await this.#load(slotOf(key)), await this.#ofUser(key)]) {
      for (const [nth, { filename, customMetadata, isRemoved }] of entries.entries()) {
        if (isRemoved) continue;
        const given = customMetadata && { customMetadata: { ...customMetadata } };
        const artifact = parts[nth] as Part;
        await service.saveArtifact({ ...key, filename, artifact, ...given });
      }
    }
    return service;
  }

  /** The version that is meant; null if there is none. */
  async versionOf(request: Named): Promise<Version> {
    const found = await (await this.of(request)).getArtifactVersion(request);
    if (found === undefined) return null;
    return versionsOf(request, await this.#find(request))[found.version] ?? null;
  }

  async load(request: Named, version: string): Promise<Part | undefined> {
    const { entries, parts } = await this.#find(request);
    return parts[entries.findIndex(({ by }) => by === version)] as Part | undefined;
  }

  async save(request: SaveArtifactRequest, by: string): Promise<number> {
    const { filename, artifact, customMetadata } = request;
    const entry = { filename, ...(customMetadata && { customMetadata }) };
    const kept = await this.#find(request);
    const saved = versionsOf(request, kept).indexOf(by);
    if (saved !== -1) return saved;
    // Refuses what ADK refuses.
    const version = await (await this.of(request)).saveArtifact(request);
    if (isUsers(request)) {
      const set: OfUser = { [by]: { ...entry, part: artifact } };
      await changeShared(this.#run, userNameOf(request), { key: by, set });
      const nth = versionsOf(request, await this.#ofUser(request)).indexOf(by);
      // Somebody else may have removed it by now.
      return nth === -1 ? version : nth;
    }
    kept.entries = [...kept.entries, { ...entry, by }];
    kept.parts = [...kept.parts, artifact];
    await this.#write(slotOf(request), kept);
    return version;
  }

  async delete(request: Named, by: string): Promise<null> {
    const { filename } = request;
    if (isUsers(request)) {
      const set: OfUser = { [by]: { filename, isRemoved: true } };
      await changeShared(this.#run, userNameOf(request), { key: by, set });
      return null;
    }
    const kept = await this.#load(slotOf(request));
    await this.#write(slotOf(request), Object.assign(kept, removed(filename, kept)));
    return null;
  }

  #find(request: Named): Promise<Kept> {
    return isUsers(request) ? this.#ofUser(request) : this.#load(slotOf(request));
  }

  /** As it is now: other sessions change it, too. */
  async #ofUser(key: CompositeSessionKey): Promise<Kept> {
    let kept: Kept = { entries: [], parts: [] };
    const [values = {}] = await readShared(this.#run, [userNameOf(key)]);
    for (const [by, { filename, ...saved }] of Object.entries(values as OfUser)) {
      if (saved.isRemoved) kept = removed(filename, kept);
      else {
        const { part, customMetadata } = saved;
        const entries = [...kept.entries, { filename, customMetadata, by }];
        kept = { entries, parts: [...kept.parts, part] };
      }
    }
    return kept;
  }

  #load(slot: string): Promise<Kept> {
    const kept = this.#kept.get(slot) ?? this.#read(slot);
    this.#kept.set(slot, kept);
    return kept;
  }

  async #read(slot: string): Promise<Kept> {
    const stored = await this.#run.readSlot(slot);
    return { entries: (stored?.value as readonly Entry[]) ?? [], parts: stored?.items ?? [] };
  }

  #write(slot: string, { entries, parts }: Kept): Promise<void> {
    return this.#run.writeSlot(slot, { items: parts, value: entries });
  }
}

/** The calls that have saved the versions that there are of one. */
function versionsOf({ filename }: Named, { entries }: Kept): readonly string[] {
  return entries
    .filter((entry) => entry.filename === filename && !entry.isRemoved)
    .map(({ by }) => by);
}

function removed(filename: string, { entries, parts }: Kept): Kept {
  const without = entries.map((entry) =>
    entry.filename === filename ? ({ ...entry, isRemoved: true } as const) : entry,
  );
  return { entries: without, parts };
}

function isUsers({ filename }: Named): boolean {
  return filename.startsWith("user:");
}

function slotOf({ appName, userId, sessionId }: CompositeSessionKey): string {
  return `adk/artifacts/${JSON.stringify([appName, userId, sessionId])}`;
}

function userNameOf({ appName, userId }: CompositeSessionKey): SharedName {
  return ["adk", "artifacts", appName, userId];
}
