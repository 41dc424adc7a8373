/**
 * The checkpointer for an app's own `getState`, `getStateHistory` and `updateState`. LangGraph reads the
 * state of a `DeltaChannel` only through a checkpointer the app was compiled with. Invariants: what is
 * read through this one has the whole state in it; and it puts a checkpoint only after the newest there
 * is, while nobody executes a run.
 */
import { HoldfastError } from "@holdfast/core";
import { markOfThisProcess } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Checkpoint, CheckpointTuple } from "@langchain/langgraph";
import { settingsOf } from "./checkpoint-config.ts";
import type { CheckpointSaver } from "./checkpoint-saver.ts";
import type { SpaceFromOutside } from "./checkpoint-space.ts";
import { type MirroredOptions, MirroredSaver } from "./mirrored-saver.ts";
import type { Maker, StoredGraph } from "./stored-graph.ts";

/** What is needed of a compiled graph. */
export interface GraphWithChannels {
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly channels: Readonly<Record<string, unknown>>;
  getSubgraphs(namespace?: string, recurse?: boolean): Iterable<[string, GraphWithChannels]>;
}

type DeltaHistory = Awaited<ReturnType<CheckpointSaver["getDeltaChannelHistory"]>>[string];

interface DeltaChannel {
  readonly lc_graph_name: "DeltaChannel";
  fromCheckpoint(seed: unknown): DeltaChannel;
  replayWrites(writes: DeltaHistory["writes"]): void;
  get(): unknown;
}

interface StateOptions extends Pick<MirroredOptions, "name" | "mirror"> {
  readonly thread: string;
  readonly runId: string;
}

export class StateSaver extends MirroredSaver {
  readonly #graph: GraphWithChannels;
  readonly #outside: SpaceFromOutside;
  readonly #runId: string;
  /** What is kept as it is kept. */
  readonly #kept: MirroredSaver;

  constructor(
    space: SpaceFromOutside,
    graph: GraphWithChannels,
    { runId, ...others }: StateOptions,
  ) {
    const options = { ...others, by: { runId, maker: "" }, shared: true };
    super(space, options);
    this.#graph = graph;
    this.#outside = space;
    this.#runId = runId;
    this.#kept = new MirroredSaver(space, options);
    // It comes to be among the options of a run: what it is called with can be those of another.
    markOfThisProcess(this);
  }

  override getDeltaChannelHistory(
    ...[options]: Parameters<CheckpointSaver["getDeltaChannelHistory"]>
  ): Promise<Record<string, DeltaHistory>> {
    return this.#kept.getDeltaChannelHistory(options);
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if ("writer" in config) throw calledWith(this.#runId);
    const isOfNewest = settingsOf(config).checkpointId === undefined;
    const theirs = isOfNewest ? await this.newestOfTheirs(config) : undefined;
    const tuple = theirs ?? (await super.getTuple(config));
    return tuple && this.#told(tuple);
  }

  override async *list(
    ...[config, options]: Parameters<CheckpointSaver["list"]>
  ): AsyncGenerator<CheckpointTuple> {
    for await (const tuple of super.list(config, options)) yield this.#told(tuple);
  }

  override async put(
    ...[config, checkpoint, metadata, newVersions]: Parameters<CheckpointSaver["put"]>
  ): Promise<RunnableConfig> {
    if (metadata.source !== "update" && metadata.source !== "fork") throw calledWith(this.#runId);
    const { thread = "", namespace = "", checkpointId } = settingsOf(config);
    const place = { thread, namespace };
    return this.#outside.change(async () => {
      const graph = await this.graph(place);
      await this.opened(place, graph);
      if (checkpointId !== graph.newestId) throw isFollowed(this.#runId, checkpointId);
      await this.#checkNodes(graph, namespace, checkpoint);
      return this.#withSaver(await super.put(config, checkpoint, metadata, newVersions));
    });
  }

  override putWrites(...given: Parameters<CheckpointSaver["putWrites"]>): Promise<void> {
    return this.#outside.change(() => super.putWrites(...given));
  }

  override deleteThread(thread: string): Promise<void> {
    return this.#outside.change(() => super.deleteThread(thread));
  }

  /** What is changed of a run that is to go on is its own; of one that has not begun, or is over, nobody's. */
  protected override by(graph: StoredGraph): Maker {
    return { runId: this.#outside.runId ?? this.#runId, maker: graph.newestMaker ?? "" };
  }

  /** Of a graph in a task LangGraph updates the outermost one's nodes, if that is asked to do it. */
  async #checkNodes(
    graph: StoredGraph,
    namespace: string,
    { versions_seen }: Checkpoint,
  ): Promise<void> {
    const nodes = namespace === "" ? undefined : this.#graphAt(namespace)?.nodes;
    if (nodes === undefined || graph.newestId === undefined) return;
    const before = (await graph.read(graph.newestId))?.checkpoint.versions_seen ?? {};
    for (const node of Object.keys(versions_seen)) {
      if (node.startsWith("__") || node in before || node in nodes) continue;
      throw ofAnotherGraph(this.#runId, namespace, node);
    }
  }

  /** As an app's own methods take it: its configs lead back here. */
  async #told(tuple: CheckpointTuple): Promise<CheckpointTuple> {
    const { config, parentConfig, ...others } = await this.#whole(tuple);
    return {
      ...others,
      config: this.#withSaver(config),
      ...(parentConfig === undefined ? {} : { parentConfig: this.#withSaver(parentConfig) }),
    };
  }

  #withSaver({ configurable, ...others }: RunnableConfig): RunnableConfig {
    return { ...others, configurable: { ...configurable, __pregel_checkpointer: this } };
  }

  async #whole(tuple: CheckpointTuple): Promise<CheckpointTuple> {
    const { config, checkpoint } = tuple;
    const deltas = this.#deltasOf(settingsOf(config).namespace ?? "").filter(
      ([channel]) => !(channel in checkpoint.channel_values),
    );
    if (deltas.length === 0) return tuple;
    const channels = deltas.map(([channel]) => channel);
    const histories = await this.getDeltaChannelHistory({ config, channels });
    const values = deltas.map(([channel, spec]) => {
      const { seed, writes } = histories[channel]!;
      const replayed = spec.fromCheckpoint(seed);
      replayed.replayWrites(writes);
      return [channel, replayed.get()] as const;
    });
    const channel_values = { ...checkpoint.channel_values, ...Object.fromEntries(values) };
    return { ...tuple, checkpoint: { ...checkpoint, channel_values } };
  }

  #deltasOf(namespace: string): readonly (readonly [string, DeltaChannel])[] {
    const graph = this.#graphAt(namespace);
    return Object.entries(graph?.channels ?? {}).filter((entry): entry is [string, DeltaChannel] =>
      isDelta(entry[1]),
    );
  }

  #graphAt(namespace: string): GraphWithChannels | undefined {
    if (namespace === "") return this.#graph;
    const parts = namespace.split("|").filter((part) => !/^\d+$/.test(part));
    const name = parts.map((part) => part.split(":")[0]).join("|");
    return new Map(this.#graph.getSubgraphs(name, true)).get(name);
  }
}

function isDelta(channel: unknown): boolean {
  if (typeof channel !== "object" || channel === null) return false;
  return "lc_graph_name" in channel && channel.lc_graph_name === "DeltaChannel";
}

function calledWith(runId: string): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `The app was called with the config by which the state of run ${runId} is read and changed.`,
    {
      hint: "What it does then would not be part of the run. Call runtime.run(app, …) with the run's own options.",
      details: { runId },
    },
  );
}

function isFollowed(runId: string, checkpointId: string | undefined): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `The state of run ${runId} was to be updated at checkpoint ${checkpointId}, which is not the newest: a run does not branch.`,
    {
      hint: "Update it where it stands: app.updateState(await runtime.config(app, runId), …). What has changed since you read it is there as well.",
      details: { runId, checkpointId },
    },
  );
}

function ofAnotherGraph(runId: string, namespace: string, node: string): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `The state of run ${runId} at "${namespace}" was to be updated as node "${node}", which the graph there does not have.`,
    {
      hint: "Call updateState of the subgraph itself: LangGraph takes a checkpointer in a config for one of the graph that is called.",
      details: { runId, namespace, node },
    },
  );
}
