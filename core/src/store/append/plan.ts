/**
 * Turns a batch of rows into what must be sent for them: items not yet stored, nodes of lists not
 * yet stored, and the rows. Planned anew at each try, since what is stored may have changed.
 * What the plan will have stored is learnt only when its commit is acknowledged.
 */
import type { Item, ItemList } from "../content/content.ts";
import { HASH_BYTES, type KnownList, type ListNode, planList } from "../content/list-plan.ts";
import { keyOf, type SpaceMemories, type SpaceMemory } from "../content/space-memory.ts";
import { isOver } from "../run-status.ts";
import type { EntryRow, PendingRow, Row, RunHold, SessionRow, StateRow, WaitRow } from "./row.ts";

export interface Plan {
  readonly items: readonly SpaceItem[];
  readonly lists: readonly SpaceList[];
  readonly entries: readonly Held<EntryRow>[];
  readonly sessions: readonly Held<SessionRow>[];
  readonly waits: readonly Held<WaitRow>[];
  readonly closings: readonly Closing[];
  readonly states: readonly Held<StateRow>[];
  readonly spaces: ReadonlyMap<string, SpacePlan>;
}

interface Held<Row> {
  readonly hold: RunHold;
  readonly row: Row;
}

/** Closes one wait of the run, or all that are open. */
interface Closing {
  readonly hold: RunHold;
  readonly seq: number | null;
}

/** Goes in as of the sweep that the plan knows, whichever run says it first. */
interface SpaceItem {
  readonly hold: RunHold;
  readonly sweeps: number;
  readonly hash: Buffer;
  readonly text: string;
}

interface SpaceList {
  readonly hold: RunHold;
  readonly sweeps: number;
  readonly node: ListNode;
}

/** What one space of the batch gains. */
interface SpacePlan {
  readonly memory: SpaceMemory;
  readonly items: Map<string, SpaceItem>;
  readonly lists: Map<string, SpaceList & { readonly known: KnownList }>;
}

export function planBatch(batch: readonly PendingRow[], memories: SpaceMemories): Plan {
  const spaces = new Map<string, SpacePlan>();
  const entries: Held<EntryRow>[] = [];
  const sessions = new Map<string, Held<SessionRow>>();
  const waits = new Map<string, Held<WaitRow>>();
  const closings = new Map<string, Closing>();
  const states = new Map<string, Held<StateRow>>();

  for (const pending of batch) {
    const { hold, row } = pending;
    const space = spaceOf(hold, spaces, memories);
    if (row.list !== null) addList(space, hold, row.list);
    if (row.value.item !== null) addItem(space, hold, row.value.item);
    if (row.into === "steps") {
      entries.push({ hold, row });
      continue;
    }
    // One statement cannot write a row twice: the last value of the batch stands for them all.
    const key = keyOfRow(hold, row);
    if (row.into === "sessions") sessions.set(key, { hold, row });
    else if (row.into === "closings") closings.set(key, { hold, seq: row.seq });
    else if (row.into === "waits")
      waits.set(key, waits.get(key) ?? { hold, row }); // Opened once.
    else {
      states.set(key, { hold, row: after(states.get(key)?.row, row) });
      if (isOver(row.status)) closings.set(key, { hold, seq: null });
    }
  }

  return {
    items: [...spaces.values()].flatMap(({ items }) => [...items.values()]),
    lists: [...spaces.values()].flatMap(({ lists }) => [...lists.values()]),
    entries,
    sessions: [...sessions.values()],
    waits: [...waits.values()],
    closings: [...closings.values()],
    states: [...states.values()],
    spaces,
  };
}

/**
 * Names a row within its batch, as the statements name what they accepted. A batch holds rows of one
 * epoch of a run only: a writer and its successor give the same numbers.
 */
export function keyOfRow({ runId }: Pick<RunHold, "runId">, row: RowName): string {
  return `${runId} ${row.into} ${row.slot ?? row.seq ?? ""}`;
}

/** A run that was let go of stays so, and as ready as it was made by that. */
function after(earlier: StateRow | undefined, row: StateRow): StateRow {
  if (!earlier?.release || row.release) return row;
  const { release, readyInMs, heardUpTo } = earlier;
  return { ...row, release, readyInMs, heardUpTo };
}

/** What names a row within its run: a slot, a number, or there is but one. */
export interface RowName {
  readonly into: Row["into"];
  readonly slot?: string | undefined;
  readonly seq?: number | null | undefined;
}

/** To be called when the commit accepted a row of this hold: what its space gained is stored. */
export function learn({ spaces }: Plan, { spaceId }: RunHold): void {
  const { memory, items, lists } = spaces.get(spaceId)!;
  for (const { hash } of items.values()) memory.learnItem(hash);
  for (const { known } of lists.values()) memory.learnList(known);
  items.clear();
  lists.clear();
}

function spaceOf(
  hold: RunHold,
  spaces: Map<string, SpacePlan>,
  memories: SpaceMemories,
): SpacePlan {
  const found = spaces.get(hold.spaceId);
  if (found !== undefined && found.memory.sweeps >= hold.sweeps) return found;
  const memory = memories.of(hold.spaceId, hold.sweeps);
  const plan: SpacePlan = { memory, items: new Map(), lists: new Map() };
  spaces.set(hold.spaceId, plan);
  return plan;
}

function addList(space: SpacePlan, hold: RunHold, list: ItemList): void {
  if (space.memory.list(list.hash) !== undefined || space.lists.has(keyOf(list.hash))) return;
  const planned = [...space.lists.values()].map(({ known }) => known);
  const {
    node,
    list: known,
    shared,
  } = planList(list.hash, list.hashes, [...space.memory.lists(), ...planned]);
  space.lists.set(keyOf(list.hash), { known, node, hold, sweeps: space.memory.sweeps });
  for (let index = shared; index < list.texts.length; index += 1) {
    const hash = list.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    addItem(space, hold, { hash, text: list.texts[index]! });
  }
}

function addItem(space: SpacePlan, hold: RunHold, { hash, text }: Item): void {
  const key = keyOf(hash);
  if (space.items.has(key) || space.memory.hasItem(hash)) return;
  space.items.set(key, { hold, sweeps: space.memory.sweeps, hash, text });
}
