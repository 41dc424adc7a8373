/**
 * The checkpointer of one graph in one execution of a run. Invariant: a graph finds in every execution
 * what it kept in the ones before, though LangGraph may have other names for it by then; and tasks that a
 * checkpoint has are not asked for again.
 */
import type { RunContext } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import type {
  BaseCheckpointSaver,
  Checkpoint,
  CheckpointMetadata,
  CheckpointTuple,
} from "@langchain/langgraph";
import type { GraphPlace } from "./checkpoint-config.ts";
import type { WriteTags } from "./checkpoint-row.ts";
import { CheckpointSaver, INTERRUPT, RESUME, type SaverOptions } from "./checkpoint-saver.ts";
import { spaceOf } from "./checkpoint-space.ts";
import { bringTogether } from "./mirror.ts";
import type { StoredGraph } from "./stored-graph.ts";
import { TaskScopes } from "./task-scope.ts";

/** A question that a task of the outermost graph was left with. */
export interface PendingInterrupt {
  /** LangGraph's own id: of the task, so the same for all that one task asks. */
  readonly id: string;
  readonly value: unknown;
  readonly node: string;
  /** How many questions of this id were answered before. */
  readonly answered: number;
}

interface Asked {
  readonly id: string;
  readonly value: unknown;
}

interface RunSaverOptions {
  /** What it keeps is found by this, in the run's space. */
  readonly name: string;
  readonly thread: string;
  /** Is given the same. */
  readonly mirror: BaseCheckpointSaver | undefined;
}

type PendingWrite = readonly [channel: string, value: unknown];

export class RunSaver extends CheckpointSaver {
  readonly #options: SaverOptions;
  readonly #mirror: BaseCheckpointSaver | undefined;
  readonly #tasks: TaskScopes;
  readonly #root: GraphPlace;
  /** By the id of an interrupt, how many answers its task had when it was last written. */
  readonly #answered = new Map<string, number>();

  constructor(run: RunContext, { name, thread, mirror }: RunSaverOptions) {
    const maker = `${run.runId}${run.path}`;
    const options = { name, thread, by: { runId: run.runId, maker } };
    super(spaceOf(run), options);
    this.#options = options;
    this.#mirror = mirror;
    this.#tasks = TaskScopes.of(run);
    this.#root = { thread, namespace: "" };
  }

  /** Whether there is a checkpoint of this run to go on from. */
  async hasBegun(): Promise<boolean> {
    return (await this.graph(this.#root)).newestMaker === this.#options.by.maker;
  }

  /** What is asked by tasks of the outermost graph that have not ended since. */
  async pending(): Promise<readonly PendingInterrupt[]> {
    const writes = (await this.graph(this.#root)).newestWrites;
    const ended = new Set(writes.filter(({ index }) => index >= 0).map(({ taskId }) => taskId));
    return writes
      .filter(({ channel, taskId }) => channel === INTERRUPT && !ended.has(taskId))
      .flatMap(({ value, node = "interrupt", answered = 0 }) =>
        askedIn(value).map(({ id, value: asked }) => ({ id, value: asked, node, answered })),
      );
  }

  /** What is kept, as others see it now. */
  reader(): CheckpointSaver {
    return new CheckpointSaver(this.space, this.#options);
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    return (await super.getTuple(config)) ?? this.#mirror?.getTuple(config);
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: Checkpoint["channel_versions"],
  ): Promise<RunnableConfig> {
    const put = await super.put(config, checkpoint, metadata, newVersions);
    await this.#mirror?.put(config, checkpoint, metadata, newVersions);
    return put;
  }

  override async putWrites(
    config: RunnableConfig,
    writes: readonly PendingWrite[],
    taskId: string,
    ...taskPath: [string?]
  ): Promise<void> {
    await super.putWrites(config, writes, taskId, ...taskPath);
    // With the place of the task, where LangGraph tells it.
    const given = [config, [...writes], taskId, ...taskPath] as Parameters<
      BaseCheckpointSaver["putWrites"]
    >;
    await this.#mirror?.putWrites(...given);
  }

  override async deleteThread(thread: string): Promise<void> {
    await super.deleteThread(thread);
    await this.#mirror?.deleteThread(thread);
  }

  protected override async keyOf({ thread, namespace }: GraphPlace): Promise<string> {
    const place = this.#tasks.placeOf(namespace);
    if (place === undefined) return super.keyOf({ thread, namespace });
    // The outermost task: another one when the thread comes by here again.
    const [task] = namespace.split("|");
    return `${task} ${place}`;
  }

  protected override runsHere({ namespace }: GraphPlace): boolean {
    return !namespace.includes(":") || this.#tasks.placeOf(namespace) !== undefined;
  }

  protected override tagsOf(
    taskId: string,
    channel: string,
    value: unknown,
    writes: readonly (readonly [channel: string, value: unknown])[],
  ): WriteTags {
    const task = this.#tasks.taskOf(taskId);
    const answers = writes.find(([name]) => name === RESUME)?.[1];
    return {
      ...(task === undefined ? {} : { path: task.path, node: task.node }),
      ...(channel === INTERRUPT ? { answered: this.#answeredBefore(value, answers) } : {}),
    };
  }

  protected override async opened(place: GraphPlace, graph: StoredGraph): Promise<void> {
    if (this.#mirror !== undefined) {
      await bringTogether(this.#mirror, this.mirrored(place, graph), place);
    }
    const { namespace } = place;
    const { newestStep, newestWrites } = graph;
    if (newestStep === undefined) return;
    const ended = newestWrites.filter(({ index }) => index >= 0);
    const paths = ended.flatMap(({ path }) => (path === undefined ? [] : [path]));
    this.#tasks.restored(namespace, newestStep, paths);
    for (const { channel, value, answered = 0 } of newestWrites) {
      if (channel !== INTERRUPT) continue;
      for (const { id } of askedIn(value)) this.#answered.set(id, answered);
    }
  }

  /** The graph around the one that asks does not know what its task was answered; the inner one does. */
  #answeredBefore(interrupts: unknown, answers: unknown): number {
    let before = 0;
    for (const { id } of askedIn(interrupts)) {
      if (Array.isArray(answers)) this.#answered.set(id, answers.length);
      before = this.#answered.get(id) ?? 0;
    }
    return before;
  }
}

/** A write of LangGraph's is one interrupt, or from 1.5 on all that one task has. */
function askedIn(value: unknown): readonly Asked[] {
  return (Array.isArray(value) ? value : [value]) as readonly Asked[];
}
