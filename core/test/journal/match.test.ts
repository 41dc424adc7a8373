import { describe, expect, it } from "vitest";
import { type GroupState, type Match, match } from "../../src/journal/match.ts";
import { RecordGroup } from "../../src/journal/record-group.ts";
import {
  groupKey,
  type StepIdentity,
  type StepKind,
  StepRecord,
} from "../../src/journal/step-record.ts";

const identity = (hash: string, kind: StepKind = "model", callId?: string): StepIdentity => ({
  scope: "",
  kind,
  name: "a",
  callId,
  hash,
});

function record(
  seq: number,
  of: StepIdentity,
  state: { ended?: boolean; overlapped?: boolean; consumed?: "exact" | "drift" } = {},
): StepRecord {
  const { ended = true, overlapped = false, consumed } = state;
  const made = new StepRecord(seq, of, overlapped);
  if (ended) made.outcome = { failed: false, text: "1" };
  made.consumed = consumed;
  return made;
}

interface Asked extends Partial<Omit<GroupState, "records">> {
  readonly records: readonly StepRecord[];
}

/** The state of a group with these records, of which some are consumed already. */
function asked({ records, ...state }: Asked): GroupState {
  const group = new RecordGroup(records);
  for (const each of records) if (each.consumed !== undefined) group.take(each, each.consumed);
  return { records: group, nth: 1, contested: false, ...state };
}

describe("a request", () => {
  it("with a call id takes the record of that id, and never another", () => {
    const first = record(1, identity("x", "tool", "c1"));
    const second = record(2, identity("x", "tool", "c2"));
    const state = asked({ records: [first, second] });
    expect(match(identity("x", "tool", "c2"), state)).toEqual({
      is: "record",
      record: second,
      drift: false,
    });
    expect(match(identity("x", "tool", "c3"), state)).toEqual({ is: "new" });
  });

  it("of a tool with a known call id and other arguments contradicts the journal", () => {
    const known = record(1, identity("x", "tool", "c1"));
    expect(match(identity("y", "tool", "c1"), asked({ records: [known] }))).toEqual({
      is: "divergence",
      record: known,
    });
  });

  it("of a model with a known call id takes its record, whatever the model is named by now", () => {
    const known = record(1, identity("x", "model", "c1"));
    const renamed = { ...identity("x", "model", "c1"), name: "b" };
    expect(groupKey(renamed)).toBe(groupKey(known.identity));
    expect(match(renamed, asked({ records: [known] }))).toEqual({
      is: "record",
      record: known,
      drift: true,
    });
    const tool = identity("x", "tool", "c1");
    expect(groupKey({ ...tool, name: "b" })).not.toBe(groupKey(tool));
  });

  it("with the input of several records takes the first that is free", () => {
    const records = [
      record(1, identity("x"), { consumed: "exact" }),
      record(2, identity("x"), { ended: false }),
      record(3, identity("x")),
    ];
    expect(match(identity("x"), asked({ records, nth: 2 }))).toMatchObject({ record: records[1] });
  });

  it("that repeats an input more often than it is on record is a new step", () => {
    const records = [record(1, identity("x"), { consumed: "exact" }), record(2, identity("y"))];
    expect(match(identity("x"), asked({ records, nth: 2 }))).toEqual({ is: "new" });
  });

  it("of a tool with another input is unclear while a record is free, and likely to be none", () => {
    const records = [record(1, identity("x", "tool"))];
    const unclear = { is: "unclear", likely: undefined };
    expect(match(identity("y", "tool"), asked({ records }))).toEqual(unclear);
  });
});

describe("a model call whose input changed", () => {
  const first = () => record(1, identity("x"), { consumed: "exact" });

  it("is likely the next one in line", () => {
    const records = [first(), record(2, identity("y"))];
    expect(match(identity("z"), asked({ records, nth: 2 }))).toMatchObject({ likely: records[1] });
  });

  it.each([
    ["it is not the next in line", { nth: 3 }, {}],
    ["others of its group are undecided", { nth: 2, contested: true }, {}],
    ["the record overlapped another", { nth: 2 }, { overlapped: true }],
  ] as const)("is nobody's when %s", (_, state, of) => {
    const records = [first(), record(2, identity("y"), of)];
    expect(match(identity("z"), asked({ records, ...state }))).toEqual({
      is: "unclear",
      likely: undefined,
    });
  });

  it("is nobody's when the record never ended and a later one began beside it", () => {
    const records = [
      record(1, identity("x"), { ended: false }),
      record(2, identity("y"), { overlapped: true }),
    ];
    expect(match(identity("z"), asked({ records }))).toEqual({ is: "unclear", likely: undefined });
  });

  it("that was given a record by its place is found out when the owner asks", () => {
    const records = [record(1, identity("x"), { consumed: "drift" })];
    expect(match(identity("x"), asked({ records, nth: 2 }))).toEqual({
      is: "divergence",
      record: records[0],
    });
  });

  it("that was given one of several equal records by its place is found out as well", () => {
    const records = [
      record(1, identity("x"), { consumed: "exact" }),
      record(2, identity("x"), { consumed: "drift" }),
    ];
    expect(match(identity("x"), asked({ records, nth: 3 }))).toEqual({
      is: "divergence",
      record: records[1],
    });
  });
});

describe("the work of matching is linear in the length of the group, when", () => {
  const LENGTH = 2_000;
  const numbers = Array.from({ length: LENGTH }, (_, index) => index);

  /** How often a record is looked at while all these requests, in this order, take theirs. */
  function looks(records: readonly StepIdentity[], requests: readonly StepIdentity[]): number {
    let looked = 0;
    const count = {
      get: (target: StepRecord, property: string): unknown => {
        looked += 1;
        return Reflect.get(target, property);
      },
    };
    const group = new RecordGroup(
      records.map(
        (each, index) => new Proxy(record(index + 1, each), count as ProxyHandler<StepRecord>),
      ),
    );
    for (const [index, request] of requests.entries()) {
      const found: Match = match(request, { records: group, nth: index + 1, contested: false });
      if (found.is === "record") group.take(found.record, "exact");
      if (found.is === "unclear" && found.likely !== undefined) group.take(found.likely, "drift");
    }
    expect(group.firstFree).toBeUndefined();
    return looked;
  }

  const distinct = numbers.map((number) => identity(`${number}`));
  const changed = numbers.map((number) => identity(`changed ${number}`));
  const called = numbers.map((number) => identity("x", "tool", `${number}`));
  const equal = numbers.map(() => identity("x"));

  it.each([
    ["inputs come in the recorded order", distinct, distinct],
    ["inputs come in the opposite order", distinct, distinct.toReversed()],
    ["all inputs are equal", equal, equal],
    ["all inputs changed", distinct, changed],
    ["call ids come in the recorded order", called, called],
    ["call ids come in the opposite order", called, called.toReversed()],
    ["new steps follow", distinct, [...distinct, ...changed]],
  ])("%s", (_, records, requests) => {
    expect(looks(records, requests)).toBeLessThan(20 * LENGTH);
  });
});
