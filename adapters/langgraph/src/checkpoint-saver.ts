/**
 * The checkpointer of one graph in one run, lent to LangGraph through its config: the app and its own
 * checkpointer stay as they are. Invariant: what it has acknowledged is in the run's space, in order
 * with the run's journal.
 *
 * It keeps the newest checkpoint of the graph and of each graph in it: what a resumed run needs.
 */
import { HoldfastError } from "@holdfast/core";
import type { RunContext } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
} from "@langchain/langgraph";
import { StoredGraph } from "./stored-graph.ts";
import { SUPPORTED } from "./supported.ts";
import { TaskScopes } from "./task-scope.ts";

interface Place {
  readonly thread: string;
  readonly namespace: string;
  readonly checkpointId: string | undefined;
}

/** A question that a task of the outermost graph was left with. */
export interface PendingInterrupt {
  /** LangGraph's own id: of the task, so the same for all that one task asks. */
  readonly id: string;
  readonly value: unknown;
  readonly node: string;
  /** How many questions of this id were answered before. */
  readonly answered: number;
}

export class CheckpointSaver extends BaseCheckpointSaver {
  readonly #run: RunContext;
  readonly #tasks: TaskScopes;
  /** Where in the run the graph is: other graphs of the run keep theirs elsewhere. */
  readonly #slot: string;
  readonly #thread: string;
  /** By thread and namespace, which LangGraph counts on through the tries of a task. */
  readonly #graphs = new Map<string, Promise<StoredGraph>>();
  /** By the id of an interrupt, how many answers its task had when it was last written. */
  readonly #answered = new Map<string, number>();

  constructor(run: RunContext, thread: string) {
    super();
    this.#run = run;
    this.#tasks = TaskScopes.of(run);
    this.#thread = thread;
    this.#slot = `langgraph/${run.runId}${run.path}`;
  }

  /** Whether there is a checkpoint to go on from. */
  async hasBegun(): Promise<boolean> {
    return (await this.#graph(this.#thread, "")).checkpointId !== undefined;
  }

  /** What is asked by tasks of the outermost graph that have not ended since. */
  async pending(): Promise<readonly PendingInterrupt[]> {
    const { writes } = await this.#graph(this.#thread, "");
    const ended = new Set(writes.filter(({ index }) => index >= 0).map(({ taskId }) => taskId));
    return writes
      .filter(({ channel, taskId }) => channel === INTERRUPT && !ended.has(taskId))
      .map(({ value, node, answered }) => {
        const { id, value: asked } = value as { readonly id: string; readonly value: unknown };
        return { id, value: asked, node: node ?? "interrupt", answered: answered ?? 0 };
      });
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread, namespace, checkpointId } = placeOf(config);
    const graph = await this.#graph(thread, namespace);
    if (checkpointId !== undefined && checkpointId !== graph.checkpointId) return undefined;
    const stored = graph.read();
    if (stored === undefined) return undefined;
    const { checkpoint, metadata, parentId } = stored;
    const at = (id: string) => ({
      configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: id },
    });
    return {
      config: at(checkpoint.id),
      checkpoint,
      metadata,
      ...(parentId === undefined ? {} : { parentConfig: at(parentId) }),
      pendingWrites: graph.writes.map(({ taskId, channel, value }) => [taskId, channel, value]),
    };
  }

  override async *list(config: RunnableConfig): AsyncGenerator<CheckpointTuple> {
    const newest = await this.getTuple(config);
    if (newest !== undefined) yield newest;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
  ): Promise<RunnableConfig> {
    const { thread, namespace, checkpointId } = placeOf(config);
    const graph = await this.#graph(thread, namespace);
    await graph.put({ checkpoint, metadata, parentId: checkpointId });
    return {
      configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: checkpoint.id },
    };
  }

  override async putWrites(
    config: RunnableConfig,
    writes: readonly (readonly [channel: string, value: unknown])[],
    taskId: string,
  ): Promise<void> {
    const { thread, namespace, checkpointId } = placeOf(config);
    const graph = await this.#graph(thread, namespace);
    if (checkpointId !== graph.checkpointId) return; // Of a superstep that is over.
    const answers = writes.find(([channel]) => channel === RESUME)?.[1];
    const task = this.#tasks.taskOf(taskId);
    await graph.putWrites(
      writes.map(([channel, value], nth) => ({
        taskId,
        index: SPECIAL.get(channel) ?? nth,
        channel,
        value,
        ...(task === undefined ? {} : { path: task.path, node: task.node }),
        ...(channel === INTERRUPT ? { answered: this.#answeredBefore(value, answers) } : {}),
      })),
    );
  }

  override async deleteThread(): Promise<void> {
    throw unsupported("A run's checkpoints cannot be deleted one thread at a time.");
  }

  override async getDeltaChannelHistory(): Promise<never> {
    throw unsupported("The state of this graph has a DeltaChannel.");
  }

  /** The graph around the one that asks does not know what its task was answered; the inner one does. */
  #answeredBefore(interrupt: unknown, answers: unknown): number {
    const { id } = interrupt as { readonly id: string };
    if (Array.isArray(answers)) this.#answered.set(id, answers.length);
    return this.#answered.get(id) ?? 0;
  }

  #graph(thread: string, namespace: string): Promise<StoredGraph> {
    const key = JSON.stringify([thread, namespace]);
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const place = this.#tasks.placeOf(namespace) ?? `|${namespace}`;
    const loading = StoredGraph.load(this.#run, `${this.#slot}/${thread}${place}`).then((graph) => {
      const step = graph.step;
      if (step !== undefined) this.#tasks.restored(namespace, step, graph.finished);
      for (const { channel, value, answered = 0 } of graph.writes) {
        if (channel !== INTERRUPT) continue;
        this.#answered.set((value as { readonly id: string }).id, answered);
      }
      return graph;
    });
    this.#graphs.set(key, loading);
    return loading;
  }
}

const INTERRUPT = "__interrupt__";
const RESUME = "__resume__";

/** The places of the writes of which a task has one at most. Those of channels count from 0. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["__error__", -1],
  ["__scheduled__", -2],
  [INTERRUPT, -3],
  [RESUME, -4],
]);

function placeOf({ configurable = {} }: RunnableConfig): Place {
  const { thread_id, checkpoint_ns = "", checkpoint_id } = configurable as Record<string, unknown>;
  return {
    thread: String(thread_id),
    namespace: String(checkpoint_ns),
    checkpointId: typeof checkpoint_id === "string" ? checkpoint_id : undefined,
  };
}

function unsupported(what: string): HoldfastError {
  return new HoldfastError("UNSUPPORTED_FRAMEWORK_VERSION", what, {
    hint: "Holdfast keeps the newest checkpoint of a run; it cannot do this yet.",
    details: { supported: SUPPORTED },
  });
}
