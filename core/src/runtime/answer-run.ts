/** Answers given as an input: they go to the run that asked, which then goes on. */
import type { Adapter, Answering, GivenAnswer, OpenQuestion } from "../adapter/adapter.ts";
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import { journalOf } from "../run/journal-of.ts";
import { mergePolicies, type Policies } from "../run/policies.ts";
import type { Control, Entry, Run, Wait } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { undecided } from "../wait/undecided.ts";
import { waitKey } from "../wait/waits.ts";
import { decide } from "./decide.ts";
import type { Opened } from "./opened.ts";
import {
  type PlacedOrder,
  runIdOf,
  type StoredOrder,
  spaceIdOf,
  storedOrder,
} from "./run-order.ts";
import { laidOver } from "./stored-options.ts";

interface Addressed {
  readonly adapter: Adapter;
  readonly key: string | undefined;
  readonly thread: string | undefined;
}

/** A call that may answer a run. */
interface AnsweringCall extends Addressed {
  readonly options: unknown;
  readonly policies: Policies;
}

type Answers = (open: readonly OpenQuestion[]) => Answering;

/**
 * The run that was answered, with what it was ordered with and goes on with; undefined if the input is no answer. Throws
 * WAIT_NOT_OPEN if it is one, and none asks for that.
 */
export async function answeredRun(
  opened: Opened,
  call: AnsweringCall,
  answersTo: Answers,
): Promise<PlacedOrder | undefined> {
  const { store, codec } = opened;
  const run = await findAddressed(opened, call);
  if (run === undefined) {
    if (answersTo([]) === undefined) return undefined;
    throw nobodyAsked(call);
  }
  const open = await store.waits(run.runId);
  const said = await store.said(run.runId);
  const journal = await journalOf(store, run.runId);
  const waits = undecided(open, said).filter(isAnsweredBy(call.adapter));
  const answers = answersTo(waits.map((wait) => questionOf(codec, journal, wait)));
  const given = givenIn(answers);
  if (given.length === 0 && !isSaidAlready(opened, { journal, said }, answersTo)) {
    if (answers === undefined) return undefined;
    if (answers !== "goes on" || isOver(run.status)) throw nothingAsked(run);
  }
  for (const { wait: seq, value } of given) {
    const wait = waits.find((open) => open.seq === seq);
    if (wait === undefined) throw nothingAsked(run);
    await decide(opened, run.runId, wait, { value, by: undefined, again: true });
  }
  const { input, inputAgain, ...first } = storedOrder(opened, journal);
  const policies = mergePolicies(first.policies, call.policies);
  return { run, input, inputAgain, options: optionsAfter(first, call), policies };
}

/** Of what could not be stored, the call that answers has its own. */
function optionsAfter(
  { options: stored }: Pick<StoredOrder, "options">,
  { adapter, options }: AnsweringCall,
): unknown {
  if (stored === undefined || !adapter.keepsOptions) return options;
  return laidOver((options ?? {}) as object, stored);
}

function givenIn(answers: Answering): readonly GivenAnswer[] {
  return answers === undefined || answers === "goes on" ? [] : answers;
}

function findAddressed(
  { store, namespace }: Opened,
  { adapter, key, thread }: Addressed,
): Promise<Run | undefined> {
  if (key !== undefined) return store.run(runIdOf(key, namespace));
  if (thread === undefined) return Promise.resolve(undefined);
  return store.newestRun(spaceIdOf(namespace, adapter.name, thread));
}

function isAnsweredBy({ answersApprovals = false }: Adapter): (wait: Wait) => boolean {
  return ({ kind }) => kind === "input" || (answersApprovals && kind === "approval");
}

/** Whoever gave the very same answers died before hearing what came of them: the run goes on, or is over. */
function isSaidAlready(
  { codec }: Opened,
  { journal, said }: { readonly journal: readonly Entry[]; readonly said: readonly Control[] },
  answersTo: Answers,
): boolean {
  const decided = new Map(said.map(({ key, value }) => [key, value]));
  const asked = journal.filter(
    ({ entry, seq }) => entry === "started" && decided.has(waitKey(seq)),
  );
  // The newest first: an answer that names no question was to the one asked last.
  const answers = givenIn(
    answersTo(
      asked.toReversed().map(({ seq, kind = "", name = "", callId }) => {
        return { wait: seq, kind, name, callId, asked: undefined };
      }),
    ),
  );
  return (
    answers.length > 0 &&
    answers.every(({ wait, value }) => {
      const before = decided.get(waitKey(wait));
      if (before === undefined) return false;
      return codec.canonicalText(before) === codec.canonicalText(codec.encode(value).text);
    })
  );
}

function questionOf(
  codec: Codec,
  journal: readonly Entry[],
  { seq, kind, name, body }: Wait,
): OpenQuestion {
  const asked = body === undefined ? undefined : codec.decode(body);
  return { wait: seq, kind, name, callId: journal[seq - 1]?.callId, asked };
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
