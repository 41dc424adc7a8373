/**
 * LangGraph's checkpointer over a space of ours, lent to graphs through their config: the app and its own
 * checkpointer stay as they are. Invariant: what it has acknowledged is durable, whatever LangGraph is
 * told about durability.
 */
import { HoldfastError } from "@holdfast/core";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
} from "@langchain/langgraph";
import { configOf, type GraphPlace, settingsOf } from "./checkpoint-config.ts";
import type { StoredWrite, WriteTags } from "./checkpoint-row.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { Ledger } from "./ledger.ts";
import { type Maker, StoredGraph, type ToldCheckpoint } from "./stored-graph.ts";
import { toParts, type ValueParts } from "./value-parts.ts";

export interface SaverOptions {
  /** Keeps apart what savers of one space keep: those of one name have the same checkpoints. */
  readonly name: string;
  /** Who writes through it. */
  readonly by: Maker;
  /** The thread that is known to be there. Default: none. */
  readonly thread?: string;
}

interface ListOptions {
  readonly limit?: number;
  readonly before?: RunnableConfig;
  readonly filter?: Record<string, unknown>;
}

type PendingWrite = readonly [channel: string, value: unknown];

export class CheckpointSaver extends BaseCheckpointSaver {
  protected readonly space: CheckpointSpace;
  readonly #name: string;
  readonly #by: Maker;
  readonly #thread: string | undefined;
  /** By thread and namespace, as LangGraph has it in this process. */
  readonly #graphs = new Map<string, Promise<StoredGraph>>();
  #places: Promise<Ledger> | undefined;

  constructor(space: CheckpointSpace, { name, by, thread }: SaverOptions) {
    super();
    this.space = space;
    this.#name = name;
    this.#by = by;
    this.#thread = thread;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread, namespace = "", checkpointId } = settingsOf(config);
    if (thread === undefined) return undefined;
    const graph = await this.graph({ thread, namespace });
    const id = checkpointId ?? graph.newestId;
    return id === undefined ? undefined : this.#tuple({ thread, namespace }, graph, id);
  }

  override async *list(
    config: RunnableConfig,
    { limit = Number.POSITIVE_INFINITY, before, filter = {} }: ListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { thread, namespace, checkpointId } = settingsOf(config);
    const end = before && settingsOf(before).checkpointId;
    const wanted = Object.entries(filter);
    let left = limit;
    for (const place of await this.#placesOf(thread, namespace)) {
      const graph = await this.graph(place);
      for await (const id of graph.ids()) {
        if (left <= 0) return;
        if (checkpointId !== undefined && id !== checkpointId) continue;
        if (end !== undefined && id >= end) continue;
        if (wanted.length > 0) {
          const metadata: Partial<Record<string, unknown>> = (await graph.metadataOf(id)) ?? {};
          if (!wanted.every(([key, value]) => metadata[key] === value)) continue;
        }
        const tuple = await this.#tuple(place, graph, id);
        if (tuple === undefined) continue;
        left -= 1;
        yield tuple;
      }
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: Checkpoint["channel_versions"],
  ): Promise<RunnableConfig> {
    const { thread, namespace = "", checkpointId } = settingsOf(config);
    if (thread === undefined) throw misses("thread_id", "a checkpoint");
    const told = this.#tell(checkpoint, metadata, newVersions);
    const place = { thread, namespace };
    const graph = await this.graph(place);
    const isNew = graph.newestId === undefined;
    await Promise.all([
      graph.put(told, checkpointId, this.#by),
      ...(isNew ? [this.#addPlace(place)] : []),
    ]);
    return configOf(place, checkpoint.id);
  }

  /** @param taskPath where the task is among others, which LangGraph tells from 1.5 on */
  override async putWrites(
    config: RunnableConfig,
    writes: readonly PendingWrite[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    const { thread, namespace = "", checkpointId } = settingsOf(config);
    if (thread === undefined) throw misses("thread_id", "the writes of a task");
    if (checkpointId === undefined) throw misses("checkpoint_id", "the writes of a task");
    const order = taskPath ? { order: taskPath } : {};
    const told = writes.map(
      ([channel, value], nth): StoredWrite => ({
        taskId,
        index: SPECIAL.get(channel) ?? nth,
        channel,
        ...this.#parts(channel, value),
        ...this.tagsOf(taskId, channel, value, writes),
        ...order,
      }),
    );
    const graph = await this.graph({ thread, namespace });
    await graph.putWrites(checkpointId, told);
  }

  override async deleteThread(thread: string): Promise<void> {
    for (const place of await this.#placesOf(thread, undefined)) {
      await (await this.graph(place)).clear();
    }
  }

  /** Where a graph keeps its checkpoints, by what is the same in every execution. */
  protected async keyOf({ namespace }: GraphPlace): Promise<string> {
    return `|${namespace}`;
  }

  /** What is to be known of a write besides. */
  protected tagsOf(
    _taskId: string,
    _channel: string,
    _value: unknown,
    _writes: readonly PendingWrite[],
  ): WriteTags {
    return {};
  }

  /** Called when a graph is opened, with all that is stored of it. */
  protected opened(_namespace: string, _graph: StoredGraph): void {}

  protected graph({ thread, namespace }: GraphPlace): Promise<StoredGraph> {
    const name = JSON.stringify([thread, namespace]);
    const known = this.#graphs.get(name);
    if (known !== undefined) return known;
    const opening = this.#open({ thread, namespace });
    this.#graphs.set(name, opening);
    opening.catch(() => this.#graphs.delete(name));
    return opening;
  }

  async #open(place: GraphPlace): Promise<StoredGraph> {
    const key = await this.keyOf(place);
    const graph = await StoredGraph.open(this.space, this.#slot([place.thread, key]));
    this.opened(place.namespace, graph);
    return graph;
  }

  async #tuple(
    place: GraphPlace,
    graph: StoredGraph,
    id: string,
  ): Promise<CheckpointTuple | undefined> {
    const read = await graph.read(id);
    if (read === undefined) return undefined;
    const { checkpoint, metadata, parentId, writes } = read;
    return {
      config: configOf(place, id),
      checkpoint: isOld(checkpoint) ? await withSends(checkpoint, graph, parentId) : checkpoint,
      metadata,
      ...(parentId === undefined ? {} : { parentConfig: configOf(place, parentId) }),
      pendingWrites: writes.map(({ taskId, channel, value }) => [taskId, channel, value]),
    };
  }

  /** At once: what is done to a value later is not stored. */
  #tell(
    { id, channel_values, ...rest }: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: Checkpoint["channel_versions"],
  ): ToldCheckpoint {
    const versions = rest.channel_versions;
    const values = Object.entries(channel_values).map(([channel, value]) => {
      const tell = (): ValueParts => this.#parts(channel, value);
      const isNew = channel in newVersions || !(channel in versions);
      return [channel, isNew ? tell() : tell] as const;
    });
    return {
      id,
      checkpoint: this.#encode("A checkpoint", rest),
      metadata: this.#encode("The metadata of a checkpoint", metadata),
      versions: { ...versions },
      values: new Map(values),
    };
  }

  #parts(channel: string, value: unknown): ValueParts {
    return toParts((part) => this.#encode(`The state of the graph in "${channel}"`, part), value);
  }

  #encode(what: string, value: unknown): string {
    const { text, losses } = this.space.codec.encode(value);
    if (losses.length > 0) this.space.reportLosses({ what, losses });
    return text;
  }

  async #placesOf(
    thread: string | undefined,
    namespace: string | undefined,
  ): Promise<readonly GraphPlace[]> {
    if (thread !== undefined && namespace !== undefined) return [{ thread, namespace }];
    this.#places ??= Ledger.open(this.space, this.#slot([]));
    const places = new Map<string, GraphPlace>();
    const add = (place: GraphPlace): void => {
      if ((thread ?? place.thread) !== place.thread) return;
      if ((namespace ?? place.namespace) !== place.namespace) return;
      places.set(JSON.stringify(place), place);
    };
    if (this.#thread !== undefined) add({ thread: this.#thread, namespace: "" });
    for await (const told of (await this.#places).newestFirst()) {
      const [ofThread, ofNamespace] = JSON.parse(told) as [string, string];
      add({ thread: ofThread, namespace: ofNamespace });
    }
    return [...places.values()];
  }

  async #addPlace({ thread, namespace }: GraphPlace): Promise<void> {
    if (thread === this.#thread && namespace === "") return;
    this.#places ??= Ledger.open(this.space, this.#slot([]));
    await (await this.#places).append(JSON.stringify([thread, namespace]));
  }

  /** Names are long, and tell what is nobody's business. */
  #slot(parts: readonly string[]): string {
    const name = JSON.stringify([this.#name, ...parts]);
    return `langgraph/${this.space.fingerprint(name).slice(0, 20)}`;
  }
}

export const INTERRUPT = "__interrupt__";
export const RESUME = "__resume__";
const TASKS = "__pregel_tasks";

/** The places of the writes of which a task has one at most. Those of channels count from 0. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["__error__", -1],
  ["__scheduled__", -2],
  [INTERRUPT, -3],
  [RESUME, -4],
]);

/** Of a time when what was sent on to a task stood among the writes of the checkpoint before. */
function isOld({ v }: Checkpoint): boolean {
  return v < 4;
}

async function withSends(
  checkpoint: Checkpoint,
  graph: StoredGraph,
  parentId: string | undefined,
): Promise<Checkpoint> {
  if (parentId === undefined) return checkpoint;
  const writes = (await graph.read(parentId))?.writes ?? [];
  const sends = writes.filter(({ channel }) => channel === TASKS).map(({ value }) => value);
  const versions = Object.values(checkpoint.channel_versions);
  const newest = versions.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 1;
  return {
    ...checkpoint,
    channel_values: { ...checkpoint.channel_values, [TASKS]: sends },
    channel_versions: { ...checkpoint.channel_versions, [TASKS]: newest },
  };
}

function misses(key: string, what: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", `The config names no ${key} to keep ${what} by.`, {
    hint: `Give it: { configurable: { ${key}: "…" } }.`,
    details: { key },
  });
}
