/**
 * LangGraph tells every graph in one that goes on to go on as well. A graph that keeps its state from call
 * to call is told so, too, when it is called anew later on; it then finds its last call at its end, and
 * does nothing. Invariant: only a call that was cut short, or that waits for an answer, goes on.
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
