/** A session of ADK's is a conversation: its runs are its turns, one after the other. */
import type { CompositeSessionKey } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { type AdkApp, appNameOf } from "./app.ts";
import type { AdkOptions } from "./app-types.ts";
import { stableId } from "./event-stamps.ts";

const DEFAULT_USER = "user";

/** Undefined for a run that has a session of its own. */
export function threadOf(app: AdkApp, options: AdkOptions | undefined): string | undefined {
  const { userId = DEFAULT_USER, sessionId } = options ?? {};
  return sessionId === undefined ? undefined : JSON.stringify([appNameOf(app), userId, sessionId]);
}

/** The session of a turn. Without one given, a part of a run has another one than its other parts. */
export function sessionKeyOf(
  app: AdkApp,
  { userId = DEFAULT_USER, sessionId }: AdkOptions,
  run: RunContext,
): CompositeSessionKey {
  const own = run.path === "" ? run.runId : stableId(run, "session", run.path);
  return { appName: appNameOf(app), userId, sessionId: sessionId ?? own };
}
