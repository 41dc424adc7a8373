/**
 * A checkpoint and what its tasks have written since, as one slot keeps them: a text that says what they
 * are, and a list of the parts of their values. Invariants: everything is text already, so that nothing
 * done to a value later is stored; and a list, if there is one, begins with the longest value of the
 * state, as the list before it did: lists are stored as what they have not in common.
 */
import { countParts, type TextParts } from "@holdfast/core/adapter";
import type { StoredSession } from "@holdfast/core/store";

/** By channel. */
export type Versions = Readonly<Record<string, number | string>>;

export interface CheckpointRow {
  /** Of the codec: LangGraph's checkpoint without its id and its values, and its metadata. */
  readonly checkpoint: string;
  readonly versions: Versions;
  readonly metadata: string;
  readonly parentId: string | undefined;
  /** The run that wrote it, and who made it: mostly a part of that run. */
  readonly runId: string;
  readonly maker: string;
  /** The channel of the longest value, if a list can begin with it. */
  readonly longest: string | undefined;
  readonly values: Map<string, StoredValue>;
  /** By task and index. */
  readonly writes: Map<string, StoredWrite>;
}

/** The value of a channel: so many parts of the list of a slot, from one of them on. */
export interface StoredValue {
  /** The id of the checkpoint that brought it; with the channel after it, if it is apart. */
  readonly slot: string;
  readonly from: number;
  readonly frame: string;
  /** Undefined as long as nobody needed them. */
  readonly parts: readonly string[] | undefined;
}

export interface StoredWrite extends TextParts, WriteTags {
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
  /** Of an interrupt that was asked before under another id: that. */
  readonly question?: string | undefined;
  /** Where LangGraph has the task among others: its writes are read in this order. */
  readonly order?: string | undefined;
}

/** As long as the text is shorter, writes are told in it; the others take a place in the list each. */
const ROOM = 1_400;

type ToldWrite = [taskId: string, index: number, channel: string, frame: unknown, tags?: WriteTags];

export function toldRow(
  id: string,
  row: CheckpointRow,
): { readonly items: readonly string[]; readonly text: string } {
  const members = [
    `"checkpoint":${row.checkpoint}`,
    `"metadata":${row.metadata}`,
    ...(row.parentId === undefined ? [] : [`"parent":${JSON.stringify(row.parentId)}`]),
    ...(row.maker === row.runId ? [] : [`"by":${JSON.stringify(row.maker)}`]),
  ];
  const values = [...row.values].filter(([, { slot }]) => slot === id);
  const items = values.flatMap(([channel, { parts }]) => (channel === row.longest ? [] : parts!));
  let room = [...row.values].reduce(
    (left, [channel, { frame }]) => left - channel.length - frame.length,
    ROOM - members.join().length,
  );
  const writes: string[] = [];
  for (const write of row.writes.values()) {
    const told = tellWrite(write);
    room -= told.length;
    if (room > 0) writes.push(told);
    else items.push(told);
    items.push(...write.parts);
  }
  const longest = row.values.get(row.longest ?? "");
  const beginning = longest?.slot === id || items.length > 0 ? (longest?.parts ?? []) : [];
  const isTold = (value: StoredValue): boolean =>
    value.slot === id || (value === longest && beginning.length > 0);
  const told = [...row.values].map(([channel, value]) => {
    const at = isTold(value) ? 0 : [value.slot, value.from];
    return `[${JSON.stringify(channel)},${JSON.stringify(at)},${value.frame}]`;
  });
  members.push(`"values":[${told.join()}]`);
  if (writes.length > 0) members.push(`"writes":[${writes.join()}]`);
  return { items: [...beginning, ...items], text: `{${members.join()}}` };
}

function tellWrite({ taskId, index, channel, frame, ...rest }: StoredWrite): string {
  const { path, node, answered, question, order } = rest;
  const tags = JSON.stringify({ path, node, answered, question, order });
  const place = [taskId, index, channel].map((part) => JSON.stringify(part)).join();
  return `[${place},${frame}${tags === "{}" ? "" : `,${tags}`}]`;
}

/** In the row's own list, or in that of a slot from a place on. */
type At = 0 | readonly [slot: string, from: number];

interface ToldRow {
  readonly checkpoint: { readonly channel_versions?: Versions };
  readonly metadata: unknown;
  readonly parent?: string;
  readonly by?: string;
  readonly values: readonly (readonly [channel: string, at: At, frame: unknown])[];
  readonly writes?: readonly ToldWrite[];
}

export function readRow(id: string, { items = [], value, runId }: StoredSession): CheckpointRow {
  const told = JSON.parse(value!) as ToldRow;
  const framed = told.values.map(([channel, at, frameTree]) => {
    const frame = JSON.stringify(frameTree);
    return { channel, at, frame, count: at === 0 ? countParts(frame) : 0 };
  });
  const most = Math.max(1, ...framed.map(({ count }) => count));
  const longest = framed.find(({ count }) => count === most);
  let next = longest?.count ?? 0;
  const values = framed.map(({ channel, at, frame, count }): [string, StoredValue] => {
    if (at !== 0) return [channel, { slot: at[0], from: at[1], frame, parts: undefined }];
    const from = channel === longest?.channel ? 0 : next;
    if (from === next) next += count;
    return [channel, { slot: id, from, frame, parts: items.slice(from, from + count) }];
  });
  return {
    checkpoint: JSON.stringify(told.checkpoint),
    versions: told.checkpoint.channel_versions ?? {},
    metadata: JSON.stringify(told.metadata),
    parentId: told.parent,
    runId,
    maker: told.by ?? runId,
    longest: longest?.channel,
    values: new Map(values),
    writes: readWrites(told.writes ?? [], items, next),
  };
}

function readWrites(
  told: readonly ToldWrite[],
  items: readonly string[],
  from: number,
): Map<string, StoredWrite> {
  const writes = new Map<string, StoredWrite>();
  let next = from;
  const add = ([taskId, index, channel, frameTree, tags]: ToldWrite): void => {
    const frame = JSON.stringify(frameTree);
    const parts = items.slice(next, next + countParts(frame));
    next += parts.length;
    writes.set(keyOfWrite(taskId, index), { taskId, index, channel, frame, parts, ...tags });
  };
  told.forEach(add);
  while (next < items.length) add(JSON.parse(items[next++]!) as ToldWrite);
  return writes;
}

export function keyOfWrite(taskId: string, index: number): string {
  return `${taskId}/${index}`;
}
