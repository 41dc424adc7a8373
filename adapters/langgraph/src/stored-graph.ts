/**
 * The newest checkpoint of one graph and what its tasks have written since, in two slots of the run's
 * space. A state is stored as a list of its parts, the elements of arrays each on its own: a message
 * that stays in the state is stored once, however many checkpoints it is in.
 *
 * Invariants: values are turned into text when they are put, so that nothing done to them later is
 * stored; writes count only with the checkpoint they name.
 */
import type { RunContext } from "@holdfast/core/adapter";
import type { Checkpoint, CheckpointMetadata } from "@langchain/langgraph";

interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
  readonly parentId: string | undefined;
}

export interface TaskWrite {
  readonly taskId: string;
  /** Its place among the writes of its task: another write to a negative one replaces it. */
  readonly index: number;
  readonly channel: string;
  readonly value: unknown;
  /** The scope of the task. */
  readonly path?: string;
  readonly node?: string;
  /** Of an interrupt: how many answers its task had been given. */
  readonly answered?: number;
}

/** A checkpoint without the values of its channels, of which it says where they are. */
interface Frame extends Omit<StoredCheckpoint, "parentId"> {
  readonly parentId?: string;
  /** By channel, in order, how many items it has: `undefined` for a value that is one item. */
  readonly channels: readonly (readonly [name: string, items: number | null])[];
}

interface Texts {
  readonly items: readonly string[];
  readonly value: string;
}

export class StoredGraph {
  readonly #run: RunContext;
  readonly #slot: string;
  #texts: Texts | undefined;
  #frame: Frame | undefined;
  /** By task and place. */
  readonly #writes = new Map<string, string>();

  private constructor(run: RunContext, slot: string) {
    this.#run = run;
    this.#slot = slot;
  }

  static async load(run: RunContext, slot: string): Promise<StoredGraph> {
    const graph = new StoredGraph(run, slot);
    const { store, writer, codec } = run;
    const [checkpoint, writes] = await Promise.all([
      store.session(writer.spaceId, slot),
      store.session(writer.spaceId, writesSlot(slot)),
    ]);
    if (checkpoint?.value === undefined) return graph;
    graph.#texts = { items: checkpoint.items ?? [], value: checkpoint.value };
    graph.#frame = codec.decode(checkpoint.value) as Frame;
    if (writes?.value !== JSON.stringify(graph.checkpointId)) return graph;
    for (const text of writes.items ?? []) {
      const write = codec.decode(text) as TaskWrite;
      graph.#writes.set(keyOf(write), text);
    }
    return graph;
  }

  get checkpointId(): string | undefined {
    return this.#frame?.checkpoint.id;
  }

  /** The superstep that the checkpoint was made after. */
  get step(): number | undefined {
    return this.#frame?.metadata.step;
  }

  get writes(): readonly TaskWrite[] {
    return [...this.#writes.values()].map((text) => this.#run.codec.decode(text) as TaskWrite);
  }

  /** The scopes of tasks that have ended since. */
  get finished(): readonly string[] {
    const ended = this.writes.filter(({ index }) => index >= 0);
    return ended.flatMap(({ path }) => (path === undefined ? [] : [path]));
  }

  read(): StoredCheckpoint | undefined {
    if (this.#texts === undefined) return undefined;
    const { codec } = this.#run;
    const { checkpoint, metadata, parentId, channels } = codec.decode(this.#texts.value) as Frame;
    const items = this.#texts.items.values();
    const next = (): unknown => codec.decode(items.next().value as string);
    const values = channels.map(([name, count]): [string, unknown] => [
      name,
      count === null ? next() : Array.from({ length: count }, next),
    ]);
    return {
      checkpoint: { ...checkpoint, channel_values: Object.fromEntries(values) },
      metadata,
      parentId,
    };
  }

  async put({ checkpoint, metadata, parentId }: StoredCheckpoint): Promise<void> {
    const items: string[] = [];
    const channels = Object.entries(checkpoint.channel_values).map(
      ([name, value]): [string, number | null] => {
        const isList = isPlainList(value);
        for (const part of isList ? value : [value]) items.push(this.#encode(part, name));
        return [name, isList ? value.length : null];
      },
    );
    this.#frame = {
      checkpoint: { ...checkpoint, channel_values: {} },
      metadata,
      ...(parentId === undefined ? {} : { parentId }),
      channels,
    };
    this.#texts = { items, value: this.#run.codec.encode(this.#frame).text };
    this.#writes.clear();
    await this.#run.writer.putSession(this.#slot, { items, value: { text: this.#texts.value } });
  }

  async putWrites(writes: readonly TaskWrite[]): Promise<void> {
    for (const write of writes) {
      const key = keyOf(write);
      if (write.index >= 0 && this.#writes.has(key)) continue;
      this.#writes.set(key, this.#encode(write, write.channel));
    }
    await this.#run.writer.putSession(writesSlot(this.#slot), {
      items: [...this.#writes.values()],
      value: { text: JSON.stringify(this.checkpointId) },
    });
  }

  #encode(value: unknown, channel: string): string {
    const { text, losses } = this.#run.codec.encode(value);
    this.#run.reportLosses({ what: `The state of the graph in "${channel}"`, losses });
    return text;
  }
}

function keyOf({ taskId, index }: TaskWrite): string {
  return `${taskId}/${index}`;
}

function writesSlot(slot: string): string {
  return `${slot}#writes`;
}

function isPlainList(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value) || Object.getPrototypeOf(value) !== Array.prototype) return false;
  return Object.keys(value).length === value.length;
}
