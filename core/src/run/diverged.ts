/** Collects what is known about a request that contradicts the journal, and has it explained. */
import type { HoldfastError } from "../errors/index.ts";
import {
  type ContradictedRequest,
  explainDivergence,
  type History,
  type RecordedStep,
  type StepRecord,
} from "../journal/index.ts";
import type { Store } from "../store/index.ts";

/** Of how many records it is shown what they were given. */
const MOST_SHOWN = 10;

export async function diverged(
  store: Store,
  run: { readonly runId: string; readonly spaceId: string },
  history: History,
  { identity, input, group, at }: ContradictedRequest,
): Promise<HoldfastError> {
  const isFree = ({ consumed }: StepRecord) => consumed === undefined;
  const inScope = [...history.records()].filter(
    (record) => record.identity.scope === identity.scope,
  );
  const withInputs = (records: readonly StepRecord[]) =>
    Promise.all(records.slice(0, MOST_SHOWN).map((record) => recorded(store, run.spaceId, record)));
  return explainDivergence({
    runId: run.runId,
    request: { identity, inputs: input },
    records: await withInputs(group),
    unclaimed: await withInputs(inScope.filter(isFree)),
    at,
  });
}

/** What it was given is left out where it cannot be read: the explanation is worth having without. */
async function recorded(store: Store, spaceId: string, record: StepRecord): Promise<RecordedStep> {
  if (record.input === undefined) return { record, inputs: undefined };
  const inputs = await store.list(spaceId, record.input).catch(() => undefined);
  return { record, inputs };
}
