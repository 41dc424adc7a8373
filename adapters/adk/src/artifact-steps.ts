/**
 * What an app does with its artifacts is done in steps, in a tool as well as in a callback: each version
 * is saved once, and what was loaded or listed is so in every execution.
 */
import type { BaseArtifactService, SaveArtifactRequest } from "@google/adk";
import { durableStep, outsideRuns, type RunContext } from "@holdfast/core/adapter";
import { loadedCopies } from "./copies.ts";
import { intercept } from "./intercept.ts";
import { meetArtifacts, removesThere, savesThere } from "./mirrored-artifacts.ts";
import { OwnArtifacts } from "./own-artifacts.ts";

const METHODS = [
  "saveArtifact",
  "loadArtifact",
  "listArtifactKeys",
  "deleteArtifact",
  "listVersions",
  "listArtifactVersions",
  "getArtifactVersion",
] as const;

type Call = (request: SaveArtifactRequest) => Promise<unknown>;

/** Of ADK's own service, which forgets with its process, the artifacts are kept in Holdfast's store. */
export function keepArtifacts(service: BaseArtifactService): void {
  const isOwn = isInMemory(service);
  for (const name of METHODS) {
    intercept<BaseArtifactService, [SaveArtifactRequest], Promise<unknown>>(
      service,
      name,
      ({ run, original }, request) => {
        if (isOwn) return ownStep(run, service, name, request, original);
        return step(run, name, request, () => outsideRuns(() => original(request)));
      },
    );
  }
}

async function ownStep(
  run: RunContext,
  service: BaseArtifactService,
  name: (typeof METHODS)[number],
  request: SaveArtifactRequest,
  original: Call,
): Promise<unknown> {
  const artifacts = OwnArtifacts.of(run);
  const own = <T>(body: (by: string) => Promise<T>) =>
    step(run, name, request, async (seq) => {
      const by = `${run.runId}:${seq}`;
      await meetArtifacts(service, artifacts, request, by);
      return body(by);
    });
  if (name === "loadArtifact") {
    // What it is stays where it is kept; which one it was is what may change.
    const version = await own(() => artifacts.versionOf(request));
    return version === null ? undefined : artifacts.load(request, version);
  }
  return own(async (by) => {
    // For who looks into the service itself, while its process lives.
    if (name === "saveArtifact") {
      const failed = savesThere(service, request);
      await outsideRuns(() => original(request)).catch((refused: unknown) => {
        failed();
        throw refused;
      });
      return artifacts.save(request, by);
    }
    if (name === "deleteArtifact") {
      removesThere(service, request);
      await outsideRuns(() => original(request));
      return artifacts.delete(request, by);
    }
    return (await artifacts.of(request))[name](request);
  });
}

function step<T>(
  run: RunContext,
  name: string,
  request: SaveArtifactRequest,
  body: (seq: number) => Promise<T>,
): Promise<T> {
  const { artifact, ...rest } = request;
  const input = artifact === undefined ? [rest] : [rest, artifact];
  return durableStep(run, { kind: "store", name, input, body: ({ seq }) => body(seq) });
}

function isInMemory(service: BaseArtifactService): boolean {
  const own: readonly object[] = loadedCopies().map(
    (copy) => copy.InMemoryArtifactService.prototype,
  );
  return own.includes(Object.getPrototypeOf(service));
}
