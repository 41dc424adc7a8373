/** What can be run: an agent, a workflow or a node, or a runner that the user has made of one. */
import type { BaseNode, Runner } from "@google/adk";

export type AdkApp = BaseNode | Runner;

const NODE = Symbol.for("google.adk.workflow.baseNode");
const RUNNER = Symbol.for("google.adk.runner");

/** Of whichever copy of ADK. */
export function isApp(app: unknown): app is AdkApp {
  return typeof app === "object" && app !== null && (NODE in app || RUNNER in app);
}

export function isRunner(app: object): app is Runner {
  return RUNNER in app;
}

/** The name that sessions are found by; of a node without a runner, its own. */
export function appNameOf(app: AdkApp): string {
  return isRunner(app) ? (app.appName ?? app.agent.name) : app.name;
}
