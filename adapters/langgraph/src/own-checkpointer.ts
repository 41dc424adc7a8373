/** The checkpointer that an app was compiled with: what it says about where the app's state is kept. */
import type { RunnableConfig } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { graphOf } from "./app.ts";

/**
 * The app's own checkpointer. `false`: nothing of it is to be kept, and nothing of the app is. Undefined:
 * what is kept is forgotten with the run.
 */
export function ownCheckpointerOf(app: unknown): BaseCheckpointSaver | false | undefined {
  const { checkpointer } = graphOf(app) as { readonly checkpointer?: unknown };
  if (checkpointer === false) return false;
  const isSaver =
    typeof checkpointer === "object" && checkpointer !== null && "getTuple" in checkpointer;
  return isSaver ? (checkpointer as BaseCheckpointSaver) : undefined;
}

/** The thread that a call of an app names: in its options, else by `withConfig` of the app. */
export function threadNamed(app: unknown, options: unknown): string | undefined {
  const { config } = graphOf(app) as { readonly config?: RunnableConfig };
  const given = (options ?? {}) as RunnableConfig;
  const thread: unknown = given.configurable?.thread_id ?? config?.configurable?.thread_id;
  return thread === undefined || thread === null ? undefined : String(thread);
}

/** The thread that an app's state is kept by from run to run, if it is. */
export function threadOf(app: unknown, options: unknown): string | undefined {
  return ownCheckpointerOf(app) ? threadNamed(app, options) : undefined;
}

interface Kept {
  /** LangGraph's name for it. */
  readonly thread: string;
  /** Tells what is kept of it in a space from what is kept of others. */
  readonly name: string;
}

/** By what the checkpoints of an app are kept: its thread, else the part of a run that runs it. */
export function keptBy(
  app: unknown,
  options: unknown,
  { runId, path }: { readonly runId: string; readonly path: string },
): Kept {
  const thread = threadOf(app, options);
  if (thread !== undefined) return { thread, name: "thread" };
  return { thread: threadNamed(app, options) ?? runId, name: `run ${runId}${path}` };
}

const IN_MEMORY = new Set(["MemorySaver", "InMemorySaver"]);

/** One that others may read from: what a run keeps is written to it as well. */
export function lastingCheckpointerOf(app: unknown): BaseCheckpointSaver | undefined {
  const own = ownCheckpointerOf(app);
  return own && !IN_MEMORY.has(own.constructor.name) ? own : undefined;
}
