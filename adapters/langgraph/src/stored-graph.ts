/**
 * The checkpoints of one graph, all there were, each in a slot of the space under its own id. What
 * changed is stored, the rest is told by where it is; so all of them together are as large as what the
 * graph said, and hardly larger.
 *
 * Invariants: values are turned into text when they are given, so that nothing done to them later is
 * stored; a checkpoint counts only once all of it is durable; writes belong to the checkpoint they name.
 */
import { countParts, type TextParts } from "@holdfast/core/adapter";
import type { Checkpoint, CheckpointMetadata } from "@langchain/langgraph";
import {
  type CheckpointRow,
  keyOfWrite,
  readRow,
  type StoredValue,
  type StoredWrite,
  toldRow,
  type Versions,
  type WriteTags,
} from "./checkpoint-row.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { Ledger } from "./ledger.ts";

/** A checkpoint as it is to be stored. */
export interface ToldCheckpoint {
  readonly id: string;
  readonly checkpoint: string;
  readonly metadata: string;
  readonly versions: Versions;
  /** By channel. Those whose version is not new are told only if nothing knows them. */
  readonly values: ReadonlyMap<string, TextParts | (() => TextParts)>;
}

export interface TaskWrite extends WriteTags {
  readonly taskId: string;
  readonly index: number;
  readonly channel: string;
  readonly value: unknown;
}

export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
  readonly parentId: string | undefined;
  readonly writes: readonly TaskWrite[];
}

/** The run that writes a checkpoint, and who makes it: a part of it, or somebody else. */
export interface Maker {
  readonly runId: string;
  readonly maker: string;
}

/** Rows that are likely to be asked for again: of the newest checkpoints, and those read last. */
const REMEMBERED = 8;

/** How long what a task has written may wait to be stored together with what comes of it. */
const PATIENCE_MS = 5;

/** A value of so many parts that does not come first in a list of others would be told anew each time. */
const LONG = 16;

export class StoredGraph {
  readonly #space: CheckpointSpace;
  readonly #slot: string;
  readonly #ids: Ledger;
  readonly #rows = new Map<string, CheckpointRow>();

  private constructor(space: CheckpointSpace, slot: string, ids: Ledger) {
    this.#space = space;
    this.#slot = slot;
    this.#ids = ids;
  }

  static async open(space: CheckpointSpace, slot: string): Promise<StoredGraph> {
    const graph = new StoredGraph(space, slot, await Ledger.open(space, slot));
    if (graph.newestId !== undefined) await graph.#row(graph.newestId);
    return graph;
  }

  get newestId(): string | undefined {
    return this.#ids.newest;
  }

  /** Who made the newest checkpoint. */
  get newestMaker(): string | undefined {
    return this.#newestRow?.maker;
  }

  /** What tasks have written since the newest checkpoint. */
  get newestWrites(): readonly TaskWrite[] {
    return this.#newestRow === undefined ? [] : this.#writesOf(this.#newestRow);
  }

  /** The superstep that the newest checkpoint was made after. */
  get newestStep(): number | undefined {
    const row = this.#newestRow;
    if (row === undefined) return undefined;
    return (this.#space.codec.decode(row.metadata) as CheckpointMetadata).step;
  }

  /** The ids of the checkpoints, those put last first. */
  ids(): AsyncGenerator<string> {
    return this.#ids.newestFirst();
  }

  async read(id: string): Promise<ReadCheckpoint | undefined> {
    const row = await this.#row(id);
    if (row === undefined) return undefined;
    const { codec } = this.#space;
    const values = await Promise.all(
      [...row.values].map(async ([channel, value]) => {
        const parts = value.parts ?? (await this.#partsOf(value));
        row.values.set(channel, { ...value, parts });
        return [channel, codec.decodeParts({ frame: value.frame, parts })] as const;
      }),
    );
    const checkpoint = codec.decode(row.checkpoint) as Omit<Checkpoint, "id" | "channel_values">;
    return {
      checkpoint: { ...checkpoint, id, channel_values: Object.fromEntries(values) },
      metadata: codec.decode(row.metadata) as CheckpointMetadata,
      parentId: row.parentId,
      writes: this.#writesOf(row),
    };
  }

  async metadataOf(id: string): Promise<CheckpointMetadata | undefined> {
    const row = await this.#row(id);
    return row && (this.#space.codec.decode(row.metadata) as CheckpointMetadata);
  }

  /** Keeps a checkpoint, and who made it. */
  async put(told: ToldCheckpoint, parentId: string | undefined, by: Maker): Promise<void> {
    const { id, checkpoint, metadata, versions } = told;
    if (parentId !== undefined) await this.#row(parentId);
    const { values, longest, others } = this.#place(told, parentId);
    const writes = this.#rows.get(id)?.writes ?? new Map<string, StoredWrite>();
    const row = { checkpoint, versions, metadata, parentId, values, longest, writes, ...by };
    this.#remember(id, row);
    await Promise.all([
      ...others.map(({ slot, parts }) => this.#space.write(this.#slotOf(slot), parts!, "0")),
      this.#write(id, row),
      ...(this.#ids.hasLately(id) ? [] : [this.#ids.append(id)]),
    ]);
  }

  /** Keeps what a task wrote. Of a checkpoint that is not there nothing is kept. */
  async putWrites(id: string, writes: readonly StoredWrite[]): Promise<void> {
    const row = await this.#row(id);
    if (row === undefined) return;
    for (const write of writes) {
      const key = keyOfWrite(write.taskId, write.index);
      if (write.index < 0 || !row.writes.has(key)) row.writes.set(key, write);
    }
    // Of a task that was the last of its superstep, the checkpoint follows at once.
    const isFollowed = writes.every(({ index }) => index >= 0);
    await this.#write(id, row, isFollowed ? PATIENCE_MS : 0);
  }

  /** Lets go of what tasks have written since the newest checkpoint where that is void. */
  forget(isVoid: (write: StoredWrite) => boolean): void {
    const writes = this.#newestRow?.writes ?? new Map<string, StoredWrite>();
    for (const [key, write] of writes) if (isVoid(write)) writes.delete(key);
  }

  async clear(): Promise<void> {
    const slots = new Set<string>();
    for await (const id of this.ids()) {
      slots.add(id);
      for (const { slot } of (await this.#row(id))?.values.values() ?? []) slots.add(slot);
    }
    this.#rows.clear();
    await this.#ids.clear();
    await Promise.all(
      [...slots].map((slot) => this.#space.write(this.#slotOf(slot), [], undefined)),
    );
  }

  /** Where the values of a checkpoint are. Those it brings that are long are in slots of their own. */
  #place(
    { id, values, versions }: ToldCheckpoint,
    parentId: string | undefined,
  ): {
    readonly values: Map<string, StoredValue>;
    readonly longest: string | undefined;
    readonly others: readonly StoredValue[];
  } {
    const found = new Map<string, StoredValue | TextParts>();
    let longest: string | undefined;
    let most = 0;
    for (const [channel, given] of values) {
      const known = typeof given === "function" ? this.#known(channel, versions, parentId) : given;
      // Without a parent, what is not new was never stored, and is not asked for.
      if (known === undefined && parentId === undefined) continue;
      const value = known ?? (given as () => TextParts)();
      found.set(channel, value);
      if ((value.parts?.length ?? 0) <= most) continue;
      most = value.parts!.length;
      longest = channel;
    }
    const others: StoredValue[] = [];
    let next = most;
    const place = (channel: string, value: TextParts): StoredValue => {
      if (channel === longest) return { ...value, slot: id, from: 0 };
      if (value.parts.length >= LONG) {
        const apart = { ...value, slot: `${id}/${channel}`, from: 0 };
        others.push(apart);
        return apart;
      }
      next += value.parts.length;
      return { ...value, slot: id, from: next - value.parts.length };
    };
    const placed = [...found].map(([channel, value]): [string, StoredValue] => [
      channel,
      "slot" in value ? value : place(channel, value),
    ]);
    return { values: new Map(placed), longest, others };
  }

  /** The value that a channel has in a version: in the parent, else in any other checkpoint at hand. */
  #known(
    channel: string,
    versions: Versions,
    parentId: string | undefined,
  ): StoredValue | TextParts | undefined {
    const parent = parentId === undefined ? undefined : this.#rows.get(parentId);
    const rows = [...this.#rows.values(), ...(parent === undefined ? [] : [parent])];
    for (const row of rows.toReversed()) {
      const value = row.values.get(channel);
      if (value === undefined || row.versions[channel] !== versions[channel]) continue;
      return value.parts?.length === 0 ? { frame: value.frame, parts: [] } : value;
    }
    return undefined;
  }

  async #partsOf({ slot, from, frame }: StoredValue): Promise<readonly string[]> {
    const stored = await this.#space.read(this.#slotOf(slot));
    return stored?.items?.slice(from, from + countParts(frame)) ?? [];
  }

  #writesOf({ writes }: CheckpointRow): readonly TaskWrite[] {
    return inOrder([...writes.values()]).map(({ frame, parts, ...write }) => ({
      ...write,
      value: this.#space.codec.decodeParts({ frame, parts }),
    }));
  }

  get #newestRow(): CheckpointRow | undefined {
    return this.newestId === undefined ? undefined : this.#rows.get(this.newestId);
  }

  async #row(id: string): Promise<CheckpointRow | undefined> {
    let row = this.#rows.get(id);
    if (row === undefined) {
      const stored = await this.#space.read(this.#slotOf(id));
      row = this.#rows.get(id) ?? (stored && readRow(id, stored));
    }
    if (row !== undefined) this.#remember(id, row);
    return row;
  }

  #remember(id: string, row: CheckpointRow): void {
    this.#rows.delete(id);
    this.#rows.set(id, row);
    for (const old of this.#rows.keys()) {
      if (this.#rows.size <= REMEMBERED) return;
      if (old !== this.newestId) this.#rows.delete(old);
    }
  }

  #write(id: string, row: CheckpointRow, patienceMs?: number): Promise<void> {
    const { items, text } = toldRow(id, row);
    return this.#space.write(this.#slotOf(id), items, text, patienceMs);
  }

  #slotOf(name: string): string {
    return `${this.#slot}/${name}`;
  }
}

/** As LangGraph wants them read: by the place of their tasks where it says so, else as they came. */
function inOrder(writes: readonly StoredWrite[]): readonly StoredWrite[] {
  if (!writes.some(({ order }) => order !== undefined)) return writes;
  return writes.toSorted(
    (a, b) => compare(a.order, b.order) || compare(a.taskId, b.taskId) || a.index - b.index,
  );
}

function compare(a = "", b = ""): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
