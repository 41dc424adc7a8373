/** What a turn works with: the user's runner and its services, or ADK's own with nothing of the user's. */
import type { Runner } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { type AdkApp, appNameOf, isRunner } from "./app.ts";
import { keepArtifacts } from "./artifact-steps.ts";
import { type AdkCopy, copyOf } from "./copies.ts";
import { keepMemory } from "./memory-steps.ts";
import { openSessions, type RunSessions } from "./run-sessions.ts";

export interface TurnServices {
  readonly runner: Runner;
  readonly sessions: RunSessions;
}

type Services = Pick<Runner, "sessionService" | "artifactService" | "memoryService">;

/** Shared by the parts of a run: what one of them has kept, the others find. */
const ofRuns = new WeakMap<RunContext, Map<AdkCopy, Services>>();

export function servicesOf(app: AdkApp, run: RunContext): TurnServices {
  const copy = copyOf(app);
  const runner = isRunner(app) ? app : runnerOf(app, copy, run);
  const sessions = openSessions(run, copy, runner.sessionService, isRunner(app));
  if (runner.artifactService !== undefined) keepArtifacts(runner.artifactService);
  if (runner.memoryService !== undefined) keepMemory(copy, runner.memoryService);
  return { runner, sessions };
}

function runnerOf(app: Exclude<AdkApp, Runner>, copy: AdkCopy, run: RunContext): Runner {
  const ofRun = ofRuns.get(run) ?? new Map<AdkCopy, Services>();
  ofRuns.set(run, ofRun);
  const services = ofRun.get(copy) ?? {
    sessionService: new copy.InMemorySessionService(),
    artifactService: new copy.InMemoryArtifactService(),
    memoryService: new copy.InMemoryMemoryService(),
  };
  ofRun.set(copy, services);
  return new copy.Runner({ agent: app, appName: appNameOf(app), ...services });
}
