/** The order that makes a run: what is stored of it, before anything happens. */
import { isDeepStrictEqual } from "node:util";
import type { Adapter } from "../adapter/adapter.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Policies } from "../run/policies.ts";
import {
  bucketOf,
  type Entry,
  idOfKey,
  type MadeRun,
  type NewRun,
  newId,
  type Opening,
  type Run,
} from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import type { Opened } from "./opened.ts";
import { storableOptions } from "./stored-options.ts";

export interface RunOrder {
  readonly input: unknown;
  /** The framework's own. */
  readonly options: unknown;
  readonly policies: Policies;
  readonly name: string;
  readonly queue: string | undefined;
  /** As the user names it, if they do. */
  readonly key: string | undefined;
  readonly adapter: Pick<Adapter, "name"> | undefined;
  /** The framework's own, that the run belongs to. */
  readonly thread: string | undefined;
  /** What is done if the thread has a run that is not over. */
  readonly onBusy: "reject" | "queue";
  /** The run that starts this one. */
  readonly parentId: string | undefined;
  /** Whether workers are to take it up by themselves, at once. */
  readonly ready: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface PlacedOrder {
  readonly run: Run;
  /** What the app is given the first time. */
  readonly input: unknown;
  /** The input once more, as whoever gave it meant it, whatever the app did to it meanwhile. */
  readonly inputAgain: () => unknown;
  /** What it is executed with here. */
  readonly options: unknown;
  readonly policies: Policies;
}

/** What a run was ordered with, as another process finds it. */
export interface StoredOrder {
  readonly input: unknown;
  /** Reads it once more: an app may change what it is given. */
  readonly inputAgain: () => unknown;
  readonly options: object | undefined;
  readonly policies: Policies;
  /** Paths of options that could not be stored. */
  readonly missing: readonly string[];
}

/** The id of a run by what its user calls it: an id of ours stands for itself. */
export function runIdOf(key: string, namespace: string): string {
  return UUID.test(key) ? key : idOfKey("run", namespace, key);
}

/** The space of a thread: what all its runs keep. */
export function spaceIdOf(namespace: string, framework: string, thread: string): string {
  return idOfKey("space", namespace, JSON.stringify([framework, thread]));
}

/** A fresh id for a run that another one starts: what belongs together lives together. */
export function newChildId(parentId: string): string {
  return newId(bucketOf(parentId));
}

/**
 * Makes the run and its input durable in one step. A run of this name that exists is taken as it is.
 * Throws INPUT_MISMATCH if it was made with another input.
 */
export async function placeOrder(opened: Opened, order: RunOrder): Promise<PlacedOrder> {
  const { codec, namespace, logger } = opened;
  const { name, input, options, policies, queue, parentId, ready } = order;
  const { text, losses } = codec.encode(input);
  const { entries, missing } = optionsEntry(opened, order);
  const { is, run } = await makeRun(opened, order, {
    ...placeOf(namespace, order),
    namespace,
    app: name,
    opening: [{ entry: "input", value: { text } }, ...entries],
    ready,
    ...(queue === undefined ? {} : { queue }),
    ...(parentId === undefined ? {} : { parentId }),
  });
  const { runId } = run;
  if (is === "there" && run.app !== name) throw anotherApp(run, name);
  if (is === "there") await checkInput(opened, run, text);
  else {
    if (losses.length > 0) {
      logger.warn(
        `The input of run ${runId} cannot be stored as it is: ${losses[0]!.what} at ${losses[0]!.path}. A restart will not have it.`,
        { runId, losses },
      );
    }
    if (missing.length > 0) {
      logger.info(
        `Options of run ${runId} cannot be stored: ${missing.join(", ")}. To go on elsewhere it needs them rebuilt: serve({ "${name}": { app, options: (run) => … } }), or run it by its id with its options.`,
        { runId, missing },
      );
    }
  }
  // What cannot be rebuilt is left as it is.
  const inputAgain = () => (losses.length === 0 ? codec.decode(text) : input);
  return { run, input, inputAgain, options, policies };
}

/** An id of its own; in a thread, one beside those of the thread's other runs. */
function placeOf(
  namespace: string,
  { key, adapter, thread }: RunOrder,
): Pick<NewRun, "runId" | "nameId" | "spaceId" | "spaceKey" | "alone"> {
  const id = key === undefined ? undefined : runIdOf(key, namespace);
  if (thread === undefined || adapter === undefined) return { runId: id ?? newId() };
  const spaceId = spaceIdOf(namespace, adapter.name, thread);
  const space = { spaceId, spaceKey: thread, alone: true };
  const runId = newId(bucketOf(spaceId));
  return { runId, ...space, ...(id === undefined ? {} : { nameId: id }) };
}

/** Throws THREAD_BUSY, or waits for the run that is in the way. */
async function makeRun(
  { store, watch, lookout, ended }: Opened,
  { thread, onBusy }: RunOrder,
  newRun: NewRun,
): Promise<MadeRun> {
  for (;;) {
    const made = await store.createRun(newRun);
    if (made.is !== "busy") return made;
    if (onBusy === "reject") throw threadBusy(thread!, made.run);
    const unneed = lookout.needed();
    const isFree = watch.until(made.run.runId, ({ status }) => isOver(status), ended);
    await isFree.finally(unneed);
  }
}

function threadBusy(thread: string, { runId, status }: Run): HoldfastError {
  return new HoldfastError(
    "THREAD_BUSY",
    `Thread "${thread}" has a run that is not over: ${runId}, which is ${status}.`,
    {
      hint: 'Answer it, cancel it (runtime.handle(id).cancel()), or go on with it by its id if its process died; or wait for it: { durable: { onBusy: "queue" } }.',
      details: { thread, runId, status },
    },
  );
}

/** By the beginning of its journal, at least. */
export function storedOrder({ codec }: Opened, journal: readonly Entry[]): StoredOrder {
  const opening = journal.slice(0, OPENING_ENTRIES);
  const text = (name: string) => opening.find(({ entry }) => entry === name)?.value;
  const [input, stored] = [text("input"), text("options")];
  const inputAgain = () => (input === undefined ? undefined : codec.decode(input));
  const order = stored === undefined ? {} : (codec.decode(stored) as Partial<StoredOrder>);
  const { options, policies = {}, missing = [] } = order;
  return { input: inputAgain(), inputAgain, options, policies, missing };
}

/** The same, of a run of which nothing was read. */
export async function readOrder(opened: Opened, runId: string): Promise<StoredOrder> {
  const opening: Entry[] = [];
  for await (const entry of opened.store.journal(runId)) {
    if (opening.push(entry) === OPENING_ENTRIES) break;
  }
  return storedOrder(opened, opening);
}

/** The input, and the options if there are any. */
const OPENING_ENTRIES = 2;

function optionsEntry(
  { codec }: Opened,
  { options, policies }: RunOrder,
): { readonly entries: readonly Opening[]; readonly missing: readonly string[] } {
  const own = storableOptions(codec, (options ?? {}) as object);
  const ours = storableOptions(codec, policies);
  const missing = [...own.missing, ...ours.missing.map((path) => `durable.policies.${path}`)];
  const isPlain = [own.kept, ours.kept].every((kept) => Object.keys(kept).length === 0);
  if (isPlain && missing.length === 0) return { entries: [], missing };
  const stored: Omit<StoredOrder, "input" | "inputAgain"> = {
    options: own.kept,
    policies: ours.kept,
    missing,
  };
  return { entries: [{ entry: "options", value: codec.encode(stored) }], missing };
}

async function checkInput({ store, codec }: Opened, run: Run, given: string): Promise<void> {
  for await (const { entry, value } of store.journal(run.runId)) {
    if (entry !== "input" || value === undefined) return;
    if (value === given || codec.canonicalText(value) === codec.canonicalText(given)) return;
    const [recorded, asked] = [codec.decode(value), codec.decode(given)];
    if (isDeepStrictEqual(recorded, asked)) return;
    throw new HoldfastError(
      "INPUT_MISMATCH",
      `Run ${run.runId} of "${run.app}" was started with another input: ${shorten(value)}; asked for now: ${shorten(given)}.`,
      {
        hint: "A runId names one run on one input. Give a new runId for a new input, or the recorded input to attach.",
        details: { runId: run.runId },
      },
    );
  }
}

export function anotherApp({ runId, app }: Run, asked: string): HoldfastError {
  return new HoldfastError(
    "INPUT_MISMATCH",
    `Run ${runId} was started with the app "${app}"; asked for now: "${asked}".`,
    {
      hint: "A runId names one run of one app on one input. If the app was renamed, say its old name: { durable: { name } }.",
      details: { runId, app, asked },
    },
  );
}

function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
