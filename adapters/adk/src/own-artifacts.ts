/**
 * Artifacts in Holdfast's store: those of a session, and those of a user, whose names begin with `user:`.
 * Invariant: one call saves one version, however often it is made.
 */
import {
  type CompositeSessionKey,
  InMemoryArtifactService,
  type SaveArtifactRequest,
} from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";

type Named = CompositeSessionKey & { readonly filename: string; readonly version?: number };
type Part = SaveArtifactRequest["artifact"];

interface Entry {
  readonly filename: string;
  readonly customMetadata?: Readonly<Record<string, unknown>> | undefined;
  /** The call that saved it. */
  readonly by: string;
}

interface Kept {
  entries: readonly Entry[];
  parts: readonly unknown[];
}

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
    for (const slot of [slotOf(key), userSlotOf(key)]) {
      const { entries, parts } = await this.#load(slot);
      for (const [nth, { filename, customMetadata }] of entries.entries()) {
        const given = customMetadata && { customMetadata: { ...customMetadata } };
        const artifact = parts[nth] as Part;
        await service.saveArtifact({ ...key, filename, artifact, ...given });
      }
    }
    return service;
  }

  /** The version that is meant; null if there is none. */
  async versionOf(request: Named): Promise<number | null> {
    const found = await (await this.of(request)).getArtifactVersion(request);
    return found?.version ?? null;
  }

  async save(request: SaveArtifactRequest, by: string): Promise<number> {
    const { filename, artifact, customMetadata } = request;
    const kept = await this.#load(slotFor(request));
    const versions = kept.entries.filter((entry) => entry.filename === filename);
    const saved = versions.findIndex((entry) => entry.by === by);
    if (saved !== -1) return saved;
    // Refuses what ADK refuses.
    const version = await (await this.of(request)).saveArtifact(request);
    kept.entries = [...kept.entries, { filename, by, ...(customMetadata && { customMetadata }) }];
    kept.parts = [...kept.parts, artifact];
    await this.#write(slotFor(request), kept);
    return version;
  }

  async delete(request: Named): Promise<null> {
    const kept = await this.#load(slotFor(request));
    const stays = kept.entries.map(({ filename }) => filename !== request.filename);
    kept.entries = kept.entries.filter((_, nth) => stays[nth]);
    kept.parts = kept.parts.filter((_, nth) => stays[nth]);
    await this.#write(slotFor(request), kept);
    return null;
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

function slotFor({ filename, ...key }: Named): string {
  return filename.startsWith("user:") ? userSlotOf(key) : slotOf(key);
}

function slotOf({ appName, userId, sessionId }: CompositeSessionKey): string {
  return `adk/artifacts/${JSON.stringify([appName, userId, sessionId])}`;
}

function userSlotOf({ appName, userId }: CompositeSessionKey): string {
  return `adk/artifacts/${JSON.stringify([appName, userId])}`;
}
