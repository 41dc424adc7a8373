/**
 * The checkpointer for an app's own `getState`, `getStateHistory` and `updateState`. LangGraph reads the
 * state of a `DeltaChannel` only through a checkpointer the app was compiled with. Invariant: what is
 * read through this one has the whole state in it.
 */
import type { RunnableConfig } from "@langchain/core/runnables";
import type { CheckpointTuple } from "@langchain/langgraph";
import { settingsOf } from "./checkpoint-config.ts";
import type { CheckpointSaver } from "./checkpoint-saver.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { type MirroredOptions, MirroredSaver } from "./mirrored-saver.ts";

/** What is needed of a compiled graph. */
export interface GraphWithChannels {
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

export class StateSaver extends MirroredSaver {
  readonly #graph: GraphWithChannels;
  /** What is kept as it is kept. */
  readonly #kept: MirroredSaver;

  constructor(space: CheckpointSpace, graph: GraphWithChannels, options: MirroredOptions) {
    super(space, options);
    this.#graph = graph;
    this.#kept = new MirroredSaver(space, options);
  }

  override getDeltaChannelHistory(
    ...[options]: Parameters<CheckpointSaver["getDeltaChannelHistory"]>
  ): Promise<Record<string, DeltaHistory>> {
    return this.#kept.getDeltaChannelHistory(options);
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const tuple = await super.getTuple(config);
    return tuple && this.#whole(tuple);
  }

  override async *list(
    ...[config, options]: Parameters<CheckpointSaver["list"]>
  ): AsyncGenerator<CheckpointTuple> {
    for await (const tuple of super.list(config, options)) yield this.#whole(tuple);
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
