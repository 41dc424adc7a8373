/** What the config of a checkpointer's method says: read and made here, and nowhere else. */
import type { RunnableConfig } from "@langchain/core/runnables";

/** A graph on a thread, by the names that LangGraph has for them. */
export interface GraphPlace {
  readonly thread: string;
  /** Empty for an outermost graph; else ids of the tasks around it. */
  readonly namespace: string;
}

interface CheckpointSettings {
  readonly thread: string | undefined;
  readonly namespace: string | undefined;
  readonly checkpointId: string | undefined;
}

export function settingsOf({ configurable = {} }: RunnableConfig): CheckpointSettings {
  const { thread_id, checkpoint_ns, checkpoint_id, thread_ts } = configurable as Record<
    string,
    unknown
  >;
  return {
    thread: textOf(thread_id),
    namespace: textOf(checkpoint_ns),
    checkpointId: textOf(checkpoint_id) || textOf(thread_ts) || undefined,
  };
}

export function configOf({ thread, namespace }: GraphPlace, checkpointId: string): RunnableConfig {
  return {
    configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: checkpointId },
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
