/**
 * What a service in memory has of artifacts, and was known to have. What its owner has saved or removed there
 * since is newer than what is kept.
 */
import type { BaseArtifactService, CompositeSessionKey, SaveArtifactRequest } from "@google/adk";
import { outsideRuns } from "@holdfast/core/adapter";
import type { OwnArtifacts } from "./own-artifacts.ts";

type Key = CompositeSessionKey & { readonly filename?: string };
type Part = SaveArtifactRequest["artifact"];

/** By service, session or user, and name, the versions: the very objects, which the service keeps. */
const known = new WeakMap<BaseArtifactService, Map<string, Map<string, Set<Part>>>>();

/**
 * Brings over what the owner has done about one, or about all.
 *
 * @param by tells the caller from all others
 */
export async function meetArtifacts(
  service: BaseArtifactService,
  artifacts: OwnArtifacts,
  { appName, userId, sessionId, filename }: Key,
  by: string,
): Promise<void> {
  const key = { appName, userId, sessionId };
  const listed =
    filename === undefined ? await outsideRuns(() => service.listArtifactKeys(key)) : [filename];
  const removed = filename === undefined ? namesKnown(service, key) : [];
  for (const name of new Set([...listed, ...removed]))
    await meetOne(service, artifacts, { ...key, filename: name }, by);
}

/** A run is about to save it there; returns what is to be done if that fails. */
export function savesThere(service: BaseArtifactService, request: SaveArtifactRequest): () => void {
  const versions = knownOf(service, request);
  versions.add(request.artifact);
  return () => versions.delete(request.artifact);
}

/** A run is about to remove it there. */
export function removesThere(service: BaseArtifactService, key: Required<Key>): void {
  knownOf(service, key).clear();
}

async function meetOne(
  service: BaseArtifactService,
  artifacts: OwnArtifacts,
  key: Required<Key>,
  by: string,
): Promise<void> {
  const seen = knownOf(service, key);
  const wasThere = seen.size > 0;
  const versions = await outsideRuns(() => service.listVersions(key));
  if (wasThere && versions.length === 0) {
    seen.clear();
    await artifacts.delete(key, `${by}:${key.filename}`);
  }
  for (const version of versions) {
    const part = await outsideRuns(() => service.loadArtifact({ ...key, version }));
    if (part === undefined || seen.has(part)) continue;
    // At once: nobody else is to bring it over.
    seen.add(part);
    const found = await outsideRuns(() => service.getArtifactVersion({ ...key, version }));
    const { customMetadata } = found ?? {};
    const request = { ...key, artifact: part, ...(customMetadata && { customMetadata }) };
    await artifacts.save(request, `${by}:${key.filename}:${version}`);
  }
}

function knownOf(service: BaseArtifactService, key: Required<Key>): Set<Part> {
  const { filename, ...rest } = key;
  const ofOwner = ownersOf(service, rest)[filename.startsWith("user:") ? "user" : "session"];
  const there = ofOwner.get(filename) ?? new Set<Part>();
  ofOwner.set(filename, there);
  return there;
}

function namesKnown(service: BaseArtifactService, key: CompositeSessionKey): readonly string[] {
  const { user, session } = ownersOf(service, key);
  return [...user.keys(), ...session.keys()];
}

function ownersOf(
  service: BaseArtifactService,
  { appName, userId, sessionId }: CompositeSessionKey,
): Readonly<Record<"user" | "session", Map<string, Set<Part>>>> {
  const ofService = known.get(service) ?? new Map<string, Map<string, Set<Part>>>();
  known.set(service, ofService);
  const of = (...owner: readonly string[]) => {
    const name = JSON.stringify(owner);
    const there = ofService.get(name) ?? new Map<string, Set<Part>>();
    ofService.set(name, there);
    return there;
  };
  return { user: of(appName, userId), session: of(appName, userId, sessionId) };
}
