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
import type { WriteTags } from "./checkpoint-row.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { KeptGraphs } from "./kept-graphs.ts";
import { byTask, type MirroredGraph } from "./mirror.ts";
import { type Maker, StoredGraph } from "./stored-graph.ts";
import { type PendingWrite, tellCheckpoint, tellWrites } from "./told-checkpoint.ts";

export interface SaverOptions {
  /** Keeps apart what savers of one space keep: those of one name have the same checkpoints. */
  readonly name: string;
  /** Who writes through it. */
  readonly by: Maker;
  /** The thread that is known to be there. Default: none. */
  readonly thread?: string;
  /** Whether others may write there, too: then nothing is remembered from call to call. Default: false. */
  readonly shared?: boolean;
}

interface ListOptions {
  readonly limit?: number;
  readonly before?: RunnableConfig;
  readonly filter?: Record<string, unknown>;
}

export class CheckpointSaver extends BaseCheckpointSaver {
  protected readonly space: CheckpointSpace;
  readonly #name: string;
  readonly #by: Maker;
  readonly #thread: string | undefined;
  readonly #shared: boolean;
  /** By thread and namespace, as LangGraph has it in this process. */
  readonly #graphs = new Map<string, Promise<StoredGraph>>();
  readonly #keys = new Map<string, string>();
  readonly #entered = new Set<string>();
  readonly #kept: KeptGraphs;

  constructor(space: CheckpointSpace, { name, by, thread, shared = false }: SaverOptions) {
    super();
    this.space = space;
    this.#name = name;
    this.#by = by;
    this.#thread = thread;
    this.#shared = shared;
    this.#kept = new KeptGraphs(space, this.#slot([]), shared);
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
    const told = tellCheckpoint(this.space, checkpoint, metadata, newVersions);
    const place = { thread, namespace };
    const graph = await this.graph(place);
    this.#forgetBelow(place);
    await Promise.all([this.#enter(place, graph), graph.put(told, checkpointId, this.by(graph))]);
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
    const told = tellWrites(this.space, writes, taskId, (write) => ({
      ...this.tagsOf(taskId, write, writes),
      ...(taskPath ? { order: taskPath } : {}),
    }));
    const graph = await this.graph({ thread, namespace });
    await graph.putWrites(checkpointId, told);
  }

  override async deleteThread(thread: string): Promise<void> {
    for (const place of await this.#placesOf(thread, undefined)) {
      await (await this.graph(place)).clear();
    }
  }

  /** The nodes that ran in the superstep before a checkpoint. */
  async finishedBefore({
    config,
    metadata,
    parentConfig,
  }: CheckpointTuple): Promise<readonly string[]> {
    const { thread = "", namespace = "" } = settingsOf(config);
    const parentId = parentConfig && settingsOf(parentConfig).checkpointId;
    if (metadata?.source !== "loop" || parentId === undefined) return [];
    const writes = (await (await this.graph({ thread, namespace })).read(parentId))?.writes ?? [];
    return [...new Set(writes.flatMap(({ node, index }) => (node && index >= 0 ? [node] : [])))];
  }

  /**
   * Where a graph keeps its checkpoints, by what is the same in every execution. Here, where nothing is
   * executed, it is where the graph of this name kept them last.
   */
  protected async keyOf({ thread, namespace }: GraphPlace): Promise<string> {
    if (namespace === "") return "";
    return (await this.#kept.keyOf({ thread, namespace })) ?? namespace;
  }

  /** What is to be known of a write besides. */
  protected tagsOf(
    _taskId: string,
    _write: PendingWrite,
    _writes: readonly PendingWrite[],
  ): WriteTags {
    return {};
  }

  /** Who makes what is put next. */
  protected by(_graph: StoredGraph): Maker {
    return this.#by;
  }

  /** Whether a graph runs where the caller is: of others nothing is remembered. */
  protected runsHere(_place: GraphPlace): boolean {
    return !this.#shared;
  }

  /** Called when a graph that runs here is opened, with all that is stored of it. */
  protected async opened(_place: GraphPlace, _graph: StoredGraph): Promise<void> {}

  protected graph(place: GraphPlace): Promise<StoredGraph> {
    const name = nameOf(place);
    const known = this.#graphs.get(name);
    if (known !== undefined) return known;
    if (!this.runsHere(place)) return this.#open(place);
    const opening = this.#open(place);
    this.#graphs.set(name, opening);
    opening.catch(() => this.#graphs.delete(name));
    return opening;
  }

  /** Lets go of the graphs in tasks of this one: their superstep is over. */
  #forgetBelow({ thread, namespace }: GraphPlace): void {
    const below = nameOf({ thread, namespace: namespace && `${namespace}|` }).slice(0, -2);
    const own = nameOf({ thread, namespace });
    for (const name of this.#graphs.keys()) {
      if (name === own || !name.startsWith(below)) continue;
      this.#graphs.delete(name);
      this.#keys.delete(name);
      this.#entered.delete(name);
    }
  }

  async #open(place: GraphPlace): Promise<StoredGraph> {
    const key = await this.keyOf(place);
    this.#keys.set(nameOf(place), key);
    const graph = await StoredGraph.open(this.space, this.#slot([place.thread, key]));
    if (this.runsHere(place)) await this.opened(place, graph);
    return graph;
  }

  /** A graph as its mirror sees it. */
  protected mirrored(place: GraphPlace, graph: StoredGraph): MirroredGraph {
    return {
      ids: () => graph.ids(),
      tuple: (id) => this.#tuple(place, graph, id),
      ownId: graph.newestMaker === this.by(graph).maker ? graph.newestId : undefined,
      adopt: (tuple, isOwn) => this.#adopt(graph, tuple, isOwn),
    };
  }

  async #adopt(graph: StoredGraph, tuple: CheckpointTuple, isOwn: boolean): Promise<void> {
    const { checkpoint, metadata = ADOPTED, parentConfig, pendingWrites = [] } = tuple;
    const parentId = parentConfig && settingsOf(parentConfig).checkpointId;
    const made = this.by(graph);
    const by = isOwn ? made : { ...made, maker: "" };
    const versions = checkpoint.channel_versions;
    const told = tellCheckpoint(this.space, checkpoint, metadata, versions);
    await graph.put(told, parentId, by);
    for (const [taskId, writes] of byTask(pendingWrites)) {
      const toldWrites = tellWrites(this.space, writes, taskId, () => ({}));
      await graph.putWrites(checkpoint.id, toldWrites);
    }
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

  async #placesOf(
    thread: string | undefined,
    namespace: string | undefined,
  ): Promise<readonly GraphPlace[]> {
    if (thread !== undefined && namespace !== undefined) return [{ thread, namespace }];
    const places = new Map<string, GraphPlace>();
    const add = (place: GraphPlace): void => {
      if ((thread ?? place.thread) !== place.thread) return;
      if ((namespace ?? place.namespace) !== place.namespace) return;
      places.set(JSON.stringify(place), place);
    };
    if (this.#thread !== undefined) add({ thread: this.#thread, namespace: "" });
    for await (const place of this.#kept.places()) add(place);
    return [...places.values()];
  }

  /** Makes a graph known by its name, once. */
  async #enter(place: GraphPlace, { newestId }: StoredGraph): Promise<void> {
    if (place.thread === this.#thread && place.namespace === "") return;
    const name = nameOf(place);
    if (this.#entered.has(name)) return;
    this.#entered.add(name);
    await this.#kept.add(place, this.#keys.get(name)!, newestId === undefined);
  }

  /** Names are long, and tell what is nobody's business. */
  #slot(parts: readonly string[]): string {
    const name = JSON.stringify([this.#name, ...parts]);
    return `langgraph/${this.space.fingerprint(name).slice(0, 20)}`;
  }
}

const TASKS = "__pregel_tasks";

const ADOPTED: CheckpointMetadata = { source: "update", step: -1, parents: {} };

function nameOf({ thread, namespace }: GraphPlace): string {
  return JSON.stringify([thread, namespace]);
}

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
