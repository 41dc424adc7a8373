/** What the config of a LangGraph task says about it: read here, and nowhere else. */

export interface TaskConfig {
  /** LangGraph's own id, random where there is no checkpoint. */
  readonly id: string;
  /** The namespace of its checkpoints: ids of the tasks around it and its own. */
  readonly namespace: string;
  readonly node: string;
  /** The superstep. */
  readonly step: number;
  /** Which of several it is, if it was pushed: by `Send`, or by a call of a functional task. */
  readonly push: number | undefined;
  /** Whether it is a call of a functional task. */
  readonly isCall: boolean;
  /** LangGraph's count of the tries, from 1. */
  readonly attempt: number;
  /** Aborted when LangGraph gives up this try of it. */
  readonly signal: AbortSignal | undefined;
  /** How many graphs and functional tasks it has called: counted on through its tries. */
  readonly counters: { readonly subgraphs: number; readonly calls: number };
  /**
   * Has a new try of it ask from its first question on, and so be told what the one before was answered.
   * LangGraph does that from 1.7 on; before, it counts the questions on through the tries.
   */
  asksAnew(): void;
}

interface Config {
  readonly configurable?: {
    readonly __pregel_task_id?: unknown;
    readonly checkpoint_ns?: unknown;
    readonly __pregel_scratchpad?: {
      readonly subgraphCounter?: number;
      readonly callCounter?: number;
      interruptCounter?: number;
    };
  };
  readonly metadata?: {
    readonly langgraph_node?: unknown;
    readonly langgraph_step?: unknown;
    readonly langgraph_path?: readonly unknown[];
    readonly langgraph_checkpoint_ns?: unknown;
  };
  readonly executionInfo?: { readonly nodeAttempt?: number };
  readonly signal?: AbortSignal;
}

/** Undefined if the config is that of no task. */
export function taskOf(options: unknown): TaskConfig | undefined {
  const { configurable, metadata, executionInfo, signal } = (options ?? {}) as Config;
  const id = configurable?.__pregel_task_id;
  const namespace = configurable?.checkpoint_ns;
  if (typeof id !== "string" || typeof namespace !== "string" || !namespace.endsWith(id)) {
    return undefined;
  }
  const { langgraph_path: path = [] } = metadata ?? {};
  const isCall = path[0] === "__pregel_push" && Array.isArray(path[1]);
  const push = path[0] === "__pregel_push" ? path[isCall ? 2 : 1] : undefined;
  const { __pregel_scratchpad: scratchpad = {} } = configurable ?? {};
  const { subgraphCounter = 0, callCounter = 0 } = scratchpad;
  return {
    id,
    namespace,
    node: String(metadata?.langgraph_node),
    step: Number(metadata?.langgraph_step),
    push: typeof push === "number" ? push : undefined,
    isCall,
    attempt: executionInfo?.nodeAttempt ?? 1,
    signal,
    counters: { subgraphs: subgraphCounter, calls: callCounter },
    asksAnew() {
      scratchpad.interruptCounter = -1;
    },
  };
}
