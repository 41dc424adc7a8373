/**
 * Our checkpointer with the app's own lasting one beside it, if it has one. Invariant: what theirs is
 * given, ours has.
 */
import type { RunnableConfig } from "@langchain/core/runnables";
import type {
  BaseCheckpointSaver,
  Checkpoint,
  CheckpointMetadata,
  CheckpointTuple,
} from "@langchain/langgraph";
import type { GraphPlace } from "./checkpoint-config.ts";
import { CheckpointSaver, type SaverOptions } from "./checkpoint-saver.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { bringTogether } from "./mirror.ts";
import type { StoredGraph } from "./stored-graph.ts";
import type { PendingWrite } from "./told-checkpoint.ts";

export interface MirroredOptions extends SaverOptions {
  /** Is given all that ours is given. */
  readonly mirror: BaseCheckpointSaver | undefined;
}

export class MirroredSaver extends CheckpointSaver {
  readonly #mirror: BaseCheckpointSaver | undefined;

  constructor(space: CheckpointSpace, { mirror, ...options }: MirroredOptions) {
    super(space, options);
    this.#mirror = mirror;
  }

  /** What came before ours is in theirs. */
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

  /** What somebody put there through theirs alone, if that is the newest. */
  protected async newestOfTheirs(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const newest = await this.#mirror?.getTuple(config);
    if (newest === undefined) return undefined;
    return (await super.getTuple(newest.config)) === undefined ? newest : undefined;
  }

  protected override async opened(place: GraphPlace, graph: StoredGraph): Promise<void> {
    if (this.#mirror === undefined) return;
    await bringTogether(this.#mirror, this.mirrored(place, graph), place);
  }
}
