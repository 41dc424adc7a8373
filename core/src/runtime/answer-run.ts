/** Answers given as an input: they go to the run that asked, which then goes on. */
import type { Adapter, GivenAnswer, OpenQuestion } from "../adapter/adapter.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Run, Wait } from "../store/index.ts";
import { waitKey } from "../wait/waits.ts";
import { decide } from "./decide.ts";
import type { Opened } from "./opened.ts";
import { type PlacedOrder, runIdOf, spaceIdOf, storedOrder } from "./run-order.ts";

interface Addressed {
  readonly adapter: Adapter;
  readonly key: string | undefined;
  readonly thread: string | undefined;
}

type Answers = (open: readonly OpenQuestion[]) => readonly GivenAnswer[];

/** The run that was answered, with what it was ordered with. Throws WAIT_NOT_OPEN if none asks for that. */
export async function answeredRun(
  opened: Opened,
  addressed: Addressed,
  answersTo: Answers,
): Promise<PlacedOrder> {
  const run = await findAddressed(opened, addressed);
  if (run === undefined) throw nobodyAsked(addressed);
  const waits = await unanswered(opened, run.runId);
  const answers = answersTo(await Promise.all(waits.map((wait) => questionOf(opened, run, wait))));
  if (answers.length === 0) throw nothingAsked(run);
  for (const { wait: seq, value } of answers) {
    const wait = waits.find((open) => open.seq === seq);
    if (wait === undefined) throw nothingAsked(run);
    await decide(opened, run.runId, wait, { value, by: undefined });
  }
  const { input, inputAgain } = await storedOrder(opened, run.runId);
  return { run, input, inputAgain };
}

function findAddressed(
  { store, namespace }: Opened,
  { adapter, key, thread }: Addressed,
): Promise<Run | undefined> {
  if (key !== undefined) return store.run(runIdOf(key, namespace));
  if (thread === undefined) return Promise.resolve(undefined);
  return store.newestRun(spaceIdOf(namespace, adapter.name, thread));
}

async function unanswered({ store }: Opened, runId: string): Promise<readonly Wait[]> {
  const [open, said] = await Promise.all([store.waits(runId), store.said(runId)]);
  const answered = new Set(said.map(({ key }) => key));
  return open.filter(({ kind, seq }) => kind === "input" && !answered.has(waitKey(seq)));
}

async function questionOf(
  { store, codec }: Opened,
  { runId }: Run,
  { seq, kind, name, body }: Wait,
): Promise<OpenQuestion> {
  let callId: string | undefined;
  for await (const entry of store.journal(runId, { after: seq - 1 })) {
    callId = entry.callId;
    break;
  }
  const asked = body === undefined ? undefined : codec.decode(body);
  return { wait: seq, kind, name, callId, asked };
}

function nobodyAsked({ key, thread }: Addressed): HoldfastError {
  const where = thread === undefined ? `run "${key}"` : `thread "${thread}"`;
  return new HoldfastError(
    "WAIT_NOT_OPEN",
    key === undefined && thread === undefined
      ? "An answer was given, but not to which run."
      : `An answer was given, but there is no ${where} that could have asked.`,
    {
      hint: "Give the runId, or the thread or session, of the run that asked.",
      details: { key, thread },
    },
  );
}

function nothingAsked({ runId, status }: Run): HoldfastError {
  return new HoldfastError(
    "WAIT_NOT_OPEN",
    `An answer was given to run ${runId}, which is ${status} and asks nothing that it answers.`,
    {
      hint: "It may have been answered already: see handle.waits() and handle.steps().",
      details: { runId, status },
    },
  );
}
