/**
 * A graph that goes on has the graphs in its next superstep go on as well. One that keeps its state from
 * call to call, and is called anew there, would find its last call at its end, and do nothing. (With
 * LangGraph alone it does, right after a breakpoint.) Invariant: only a call that was cut short, or that
 * waits for an answer, goes on.
 */
import type { RunnableConfig } from "@langchain/core/runnables";
import type { CheckpointTuple } from "@langchain/langgraph";
import { settingsOf } from "./checkpoint-config.ts";
import { INTERRUPT } from "./told-checkpoint.ts";

interface Configurable {
  __pregel_resuming?: unknown;
  readonly checkpoint_map?: Readonly<Record<string, string>>;
}

/**
 * Takes back what a graph was told, if what it finds is of an earlier call.
 * @param config as LangGraph asks with it, which it goes by afterwards
 */
export function beginIfNew(config: RunnableConfig, found: CheckpointTuple): void {
  const configurable = config.configurable as Configurable | undefined;
  if (configurable?.__pregel_resuming !== true || !keepsState(config)) return;
  if (found.pendingWrites?.some(([, channel]) => channel === INTERRUPT)) return;
  const around = idsOf(configurable.checkpoint_map);
  if (around !== idsOf(found.metadata?.parents)) delete configurable.__pregel_resuming;
}

/** Its namespace has no ids of tasks. */
function keepsState(config: RunnableConfig): boolean {
  const { namespace = "" } = settingsOf(config);
  return namespace !== "" && !namespace.includes(":");
}

/** Of the checkpoints of the graphs around it. Their names are not the same after a crash. */
function idsOf(checkpoints: Readonly<Record<string, string>> = {}): string {
  return Object.values(checkpoints).sort().join();
}
