/** The order that makes a run: what is stored of it, before anything happens. */
import { isDeepStrictEqual } from "node:util";
import { HoldfastError } from "../errors/index.ts";
import { idOfKey, newId, type Run } from "../store/index.ts";
import type { Opened } from "./opened.ts";

export interface RunOrder {
  readonly app: unknown;
  readonly input: unknown;
  readonly options: unknown;
  readonly name: string;
  /** As the user names it, if they do. */
  readonly key: string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface PlacedOrder {
  readonly run: Run;
  /** The input once more, as whoever gave it meant it, whatever the app did to it meanwhile. */
  readonly inputAgain: () => unknown;
}

/** The id of a run by what its user calls it: an id of ours stands for itself. */
export function runIdOf(key: string, namespace: string): string {
  return UUID.test(key) ? key : idOfKey("run", namespace, key);
}

/**
 * Makes the run and its input durable in one step. A run of this name that exists is taken as it is.
 * Throws INPUT_MISMATCH if it was made with another input.
 */
export async function placeOrder(opened: Opened, order: RunOrder): Promise<PlacedOrder> {
  const { store, codec, namespace, logger } = opened;
  const { key, name, input } = order;
  const runId = key === undefined ? newId() : runIdOf(key, namespace);
  const { text, losses } = codec.encode(input);
  const opening = { entry: "input", value: { text } };
  const { run, created } = await store.createRun({ runId, namespace, app: name, opening });
  if (!created && run.app !== name) throw anotherApp(run, name);
  if (!created) await checkInput(opened, run, text);
  else if (losses.length > 0) {
    logger.warn(
      `The input of run ${runId} cannot be stored as it is: ${losses[0]!.what} at ${losses[0]!.path}. A restart will not have it.`,
      { runId, losses },
    );
  }
  // What cannot be rebuilt is left as it is.
  const inputAgain = () => (losses.length === 0 ? codec.decode(text) : input);
  return { run, inputAgain };
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

function anotherApp({ runId, app }: Run, asked: string): HoldfastError {
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
