/**
 * Values that runs of many spaces share, by name: in a space of their own, with a run that nobody executes.
 * A change is said to that run, once and for good, under a key that tells whose it is. So the database
 * orders the changes: of several at once none is lost, and one that is made again, since it is not known
 * whether it came through, is the one that there is.
 *
 * Invariant: the values are those of a sum, and of the changes after it. A sum is true whenever it is
 * written, so it does not matter who is faster, or that an older one replaces a newer one.
 */
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import { type Control, idOfKey, type Store } from "../store/index.ts";

/** The framework whose they are, and what tells them from others of it. */
export type SharedName = readonly [framework: string, kind: string, ...of: readonly string[]];

export interface SharedChange {
  /** The same whenever this change is made, and no other's. */
  readonly key: string;
  /** What is set: by the names of the values. */
  readonly set: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, unknown>>;

/** A run that shares values: `RunContext`. */
interface Sharing {
  readonly namespace: string;
  readonly store: Store;
  readonly codec: Codec;
}

interface Sum {
  /** The number of the last change in it. */
  readonly upTo: number;
  readonly values: Values;
}

/** Beside it the values are items: one that stays as it is is stored once, in however many sums. */
interface StoredSum {
  readonly upTo: number;
  readonly names: readonly string[];
}

const SLOT = "shared";
const NOTHING: Sum = { upTo: 0, values: {} };

/** How many changes there are from sum to sum: what is read at most, beside the sum, is about as many. */
const SUMMED_UP_EVERY = 50;

/**
 * The values under each of these names, those that were set first coming first. None where nobody has set
 * any, which costs one look for all.
 */
export async function readShared(
  run: Sharing,
  names: readonly SharedName[],
): Promise<readonly Values[]> {
  const { store } = run;
  const ids = names.map((name) => idOf(run, name));
  const there = new Set((await store.standings(ids)).map(({ runId }) => runId));
  if (there.size === 0) return ids.map(() => ({}));
  const sums = await Promise.all(ids.map((id) => (there.has(id) ? readSum(run, id) : NOTHING)));
  const cursors = ids.map((runId, nth) => ({ runId, after: sums[nth]!.upTo }));
  const heard = await store.heard(cursors.filter(({ runId }) => there.has(runId)));
  return ids.map((id, nth) => {
    const since = heard.filter(({ runId }) => runId === id).map(({ control }) => control);
    return add(run, sums[nth]!, since).values;
  });
}

/** Durable when it resolves, and seen by whoever reads from then on. */
export async function changeShared(
  run: Sharing,
  name: SharedName,
  { key, set }: SharedChange,
): Promise<void> {
  const id = idOf(run, name);
  const message = { key, kind: "shared", value: run.codec.encode(set).text };
  const { control } = await say(run.store, id, message, () => create(run, name));
  if (control !== undefined && control.seq % SUMMED_UP_EVERY === 0) await sumUp(run, id);
}

async function say(
  store: Store,
  id: string,
  message: Parameters<Store["say"]>[1],
  create: () => Promise<unknown>,
): ReturnType<Store["say"]> {
  try {
    return await store.say(id, message);
  } catch (error) {
    if (!HoldfastError.is(error, "RUN_NOT_FOUND")) throw error;
    await create();
    return store.say(id, message);
  }
}

function create(run: Sharing, name: SharedName): Promise<unknown> {
  const [framework] = name;
  return run.store.createRun({
    runId: idOf(run, name),
    spaceKey: JSON.stringify(name),
    // No runtime's: where runs are listed and taken up, it is not among them.
    namespace: `holdfast:shared:${run.namespace}`,
    app: framework,
    over: true,
  });
}

async function sumUp(run: Sharing, id: string): Promise<void> {
  const before = await readSum(run, id);
  const sum = add(run, before, await run.store.said(id, { after: before.upTo }));
  const stored: StoredSum = { upTo: sum.upTo, names: Object.keys(sum.values) };
  const items = Object.values(sum.values).map((value) => run.codec.encode(value).text);
  const amending = await run.store.amend(id);
  if (amending.is === "held") return;
  try {
    await amending.writer.putSession(SLOT, { items, value: run.codec.encode(stored) });
  } catch (error) {
    // Somebody else is at it.
    if (!HoldfastError.is(error, "RUN_TAKEN_OVER")) throw error;
  }
}

async function readSum({ store, codec }: Sharing, id: string): Promise<Sum> {
  const stored = await store.session(id, SLOT);
  if (stored?.value === undefined) return NOTHING;
  const { upTo, names } = codec.decode(stored.value) as StoredSum;
  const values = (stored.items ?? []).map((text, nth) => [names[nth], codec.decode(text)]);
  return { upTo, values: Object.fromEntries(values) };
}

function add({ codec }: Sharing, { upTo, values }: Sum, changes: readonly Control[]): Sum {
  const all = new Map(Object.entries(values));
  for (const { value } of changes) {
    const set = value === undefined ? {} : (codec.decode(value) as Values);
    for (const [name, it] of Object.entries(set)) all.set(name, it);
  }
  return { upTo: changes.at(-1)?.seq ?? upTo, values: Object.fromEntries(all) };
}

/** Of a space, and of the one run in it. Threads have two parts. */
function idOf({ namespace }: Sharing, name: SharedName): string {
  return idOfKey("space", namespace, JSON.stringify(["shared", ...name]));
}
