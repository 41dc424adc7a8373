/**
 * A checkpoint and what its tasks have written since, as one slot keeps them: a text that says what they
 * are, and a list of the parts of their values. Invariants: everything is text already, so that nothing
 * done to a value later is stored; what is added to a row leaves the parts it has where they are.
 */
import type { StoredSession } from "@holdfast/core/store";
import { countParts, type ValueParts } from "./value-parts.ts";

/** By channel. */
export type Versions = Readonly<Record<string, number | string>>;

export interface CheckpointRow {
  /** Of the codec: LangGraph's checkpoint without its values, and its metadata. */
  readonly checkpoint: string;
  readonly versions: Versions;
  readonly metadata: string;
  readonly parentId: string | undefined;
  /** What part of which run made it. */
  readonly runId: string;
  readonly by: string;
  readonly values: ReadonlyMap<string, StoredValue>;
  /** By task and index. */
  readonly writes: Map<string, StoredWrite>;
}

/** The value of a channel: the parts that the list of a slot begins with. */
export interface StoredValue {
  readonly slot: string;
  readonly shape: string;
  /** Undefined as long as nobody needed them. */
  readonly parts: readonly string[] | undefined;
}

export interface StoredWrite extends ValueParts, WriteTags {
  readonly taskId: string;
  /** Its place among the writes of its task: another write to a negative one replaces it. */
  readonly index: number;
  readonly channel: string;
}

/** What is known of a write besides. */
export interface WriteTags {
  /** The scope of the task. */
  readonly path?: string | undefined;
  readonly node?: string | undefined;
  /** Of an interrupt: how many answers its task had been given. */
  readonly answered?: number | undefined;
  /** Where LangGraph has the task among others: its writes are read in this order. */
  readonly order?: string | undefined;
}

/** As long as the text is shorter, writes are told in it; the others take a place in the list each. */
const ROOM = 1_400;

type ToldWrite = [taskId: string, index: number, channel: string, shape: unknown, tags?: WriteTags];

/** @param slot the row's own */
export function toldRow(
  slot: string,
  row: CheckpointRow,
): { readonly items: readonly string[]; readonly text: string } {
  const own = [...row.values.values()].find((value) => isFirstIn(value, slot));
  const items = [...(own?.parts ?? [])];
  const values = [...row.values].map(
    ([channel, { slot: at, shape }]) =>
      `[${JSON.stringify(channel)},${at === slot ? 0 : JSON.stringify(at)},${shape}]`,
  );
  const members = [
    `"checkpoint":${row.checkpoint}`,
    `"metadata":${row.metadata}`,
    ...(row.parentId === undefined ? [] : [`"parent":${JSON.stringify(row.parentId)}`]),
    ...(row.by === "" ? [] : [`"by":${JSON.stringify(row.by)}`]),
    `"values":[${values.join()}]`,
  ];
  let room = ROOM - members.join().length;
  const writes: string[] = [];
  for (const write of row.writes.values()) {
    const told = tellWrite(write);
    room -= told.length;
    if (room > 0) writes.push(told);
    else items.push(told);
    items.push(...write.parts);
  }
  if (writes.length > 0) members.push(`"writes":[${writes.join()}]`);
  return { items, text: `{${members.join()}}` };
}

function tellWrite({ taskId, index, channel, shape, ...rest }: StoredWrite): string {
  const { path, node, answered, order } = rest;
  const tags = JSON.stringify({ path, node, answered, order });
  const place = [taskId, index, channel].map((part) => JSON.stringify(part)).join();
  return `[${place},${shape}${tags === "{}" ? "" : `,${tags}`}]`;
}

interface ToldRow {
  readonly checkpoint: { readonly channel_versions?: Versions };
  readonly metadata: unknown;
  readonly parent?: string;
  readonly by?: string;
  readonly values: readonly (readonly [channel: string, at: 0 | string, shape: unknown])[];
  readonly writes?: readonly ToldWrite[];
}

export function readRow(slot: string, { items = [], value, runId }: StoredSession): CheckpointRow {
  const told = JSON.parse(value!) as ToldRow;
  let own = 0;
  const values = told.values.map(([channel, at, shapeTree]): [string, StoredValue] => {
    const shape = JSON.stringify(shapeTree);
    if (at !== 0) return [channel, { slot: at, shape, parts: undefined }];
    const count = countParts(shape);
    own = Math.max(own, count);
    return [channel, { slot, shape, parts: items.slice(0, count) }];
  });
  return {
    checkpoint: JSON.stringify(told.checkpoint),
    versions: told.checkpoint.channel_versions ?? {},
    metadata: JSON.stringify(told.metadata),
    parentId: told.parent,
    runId,
    by: told.by ?? "",
    values: new Map(values),
    writes: readWrites(told.writes ?? [], items, own),
  };
}

function readWrites(
  told: readonly ToldWrite[],
  items: readonly string[],
  from: number,
): Map<string, StoredWrite> {
  const writes = new Map<string, StoredWrite>();
  let next = from;
  const add = ([taskId, index, channel, shapeTree, tags]: ToldWrite): void => {
    const shape = JSON.stringify(shapeTree);
    const parts = items.slice(next, next + countParts(shape));
    next += parts.length;
    writes.set(keyOfWrite(taskId, index), { taskId, index, channel, shape, parts, ...tags });
  };
  told.forEach(add);
  while (next < items.length) add(JSON.parse(items[next++]!) as ToldWrite);
  return writes;
}

export function keyOfWrite(taskId: string, index: number): string {
  return `${taskId}/${index}`;
}

/** The values without a part stand in the text; of the others one can be in the row's own list. */
function isFirstIn({ slot: at, parts }: StoredValue, slot: string): boolean {
  return at === slot && parts !== undefined && parts.length > 0;
}
