import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { type Divergence, explainDivergence, type RecordedStep } from "../../src/journal/index.ts";
import { type StepKind, StepRecord } from "../../src/journal/step-record.ts";

const codec = createCodec();
const AT = `Error
    at step (/app/node_modules/@holdfast/core/dist/run/step.js:10:3)
    at async book (/app/src/agent.ts:42:17)
    at async main (/app/src/main.ts:7:1)`;

interface Call {
  readonly kind?: StepKind;
  readonly name?: string;
  readonly callId?: string;
  readonly scope?: string;
  /** Left out: not known. */
  readonly inputs?: readonly unknown[];
}

function asked({ kind = "tool", name = "charge", callId, scope = "/agent", inputs }: Call) {
  const texts = inputs?.map((input) => codec.encode(input).text);
  return { identity: { scope, kind, name, callId, hash: JSON.stringify(texts) }, inputs: texts };
}

function recorded(seq: number, call: Call, consumed?: "exact" | "drift"): RecordedStep {
  const { identity, inputs } = asked(call);
  const record = new StepRecord(seq, identity, false);
  record.consumed = consumed;
  return { record, inputs };
}

function explain(given: Partial<Divergence> & Pick<Divergence, "request">): string {
  const error = explainDivergence({
    runId: "run-1",
    records: [],
    unclaimed: [],
    at: undefined,
    ...given,
  });
  expect(error.code).toBe("RUN_DIVERGED");
  return error.message;
}

describe("the explanation of a divergence", () => {
  it("of a tool asked with another input shows what was recorded, what is asked, and where", () => {
    const text = explain({
      request: asked({ inputs: [{ to: "ACME", amount: 120, lines: [1, 2, 4] }] }),
      records: [
        recorded(4, { inputs: [{ to: "ACME", amount: 90, lines: [] }] }, "exact"),
        recorded(12, { inputs: [{ to: "ACME", amount: 100, lines: [1, 2, 3] }] }),
      ],
      at: AT,
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the tool call "charge" in /agent has another input than the recorded one.
  Recorded: step 12, tool call "charge" with {"amount":100,"lines":[1,2,3],"to":"ACME"}
  Asked now: tool call "charge" with {"amount":120,"lines":[1,2,4],"to":"ACME"}
  Difference: $.amount was 100 and is 120 (and 1 more place)
  In the code: book (/app/src/agent.ts:42:17)
  Likely: the code that makes this input was changed, a call was added, removed or moved before it, or the input holds what is not the same each time the code runs.
  What to do: Run it on the code it began with, and it goes on from here. A change that is meant is for new runs.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("names a clock in a tool's arguments", () => {
    const text = explain({
      request: asked({ inputs: [{ to: "ACME", at: new Date("2026-02-01T08:00:00Z") }] }),
      records: [recorded(12, { inputs: [{ to: "ACME", at: new Date("2026-01-31T12:30:00Z") }] })],
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the tool call "charge" in /agent has another input than the recorded one.
  Recorded: step 12, tool call "charge" with {"at":{"$date":"2026-01-31T12:30:00.000Z"},"to":"ACME"}
  Asked now: tool call "charge" with {"at":{"$date":"2026-02-01T08:00:00.000Z"},"to":"ACME"}
  Difference: $.at was {"$date":"2026-01-31T12:30:00.000Z"} and is {"$date":"2026-02-01T08:00:00.000Z"}
  Likely: the input holds the time, which is another one each time the code runs.
  What to do: Read the clock in a step of its own, such as await step("now", () => Date.now()): a replay is then given the recorded time. This run was recorded without that: start it anew.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("names a random value in a tool's arguments", () => {
    const text = explain({
      request: asked({ inputs: [{ key: "7c1fbb5e-9d1a-4c8e-8a53-3f0e6f0d9b11" }] }),
      records: [recorded(3, { inputs: [{ key: "0b4a8f64-61f2-4e0e-9a0b-5d5f1c2e7a90" }] })],
    });
    expect(text).toContain(
      "\n  Likely: the input holds a random value, which is another one each time the code runs.\n",
    );
    expect(text).toContain('await step("id", () => crypto.randomUUID())');
  });

  it("of a step of another name says what is recorded there and looks renamed", () => {
    const input = { amount: 100 };
    const text = explain({
      request: asked({ name: "charge_card", inputs: [input], scope: "" }),
      unclaimed: [
        recorded(10, { name: "lookup", inputs: [{ id: 7 }], scope: "" }),
        recorded(12, { name: "charge", inputs: [input], scope: "" }),
      ],
      at: AT,
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the tool call "charge_card" at the top of the run is asked for where the journal recorded the tool call "charge", which nothing asked for.
  Recorded: step 12, tool call "charge" with {"amount":100}
  Asked now: tool call "charge_card" with {"amount":100}
  In the code: book (/app/src/agent.ts:42:17)
  Also recorded there and not asked for: step 10, tool call "lookup" with {"id":7}
  Likely: it was renamed: the input is the same.
  What to do: Give it the recorded name again, or run it on the code it began with, and it goes on from here. New names are for new runs.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("of a step of another name that resembles nothing recorded does not claim that it was renamed", () => {
    const text = explain({
      request: asked({ kind: "code", name: "load" }),
      unclaimed: [recorded(2, { kind: "code", name: "fetch" })],
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the step "load" in /agent is asked for where the journal recorded the step "fetch", which nothing asked for.
  Recorded: step 2, step "fetch"
  Asked now: step "load"
  Likely: it was renamed, or a step was added, removed or moved.
  What to do: Run it on the code it began with, and it goes on from here. Steps that are added, removed, renamed or moved are for new runs.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("of a step of another name takes the one with its call id for the recorded one", () => {
    const text = explain({
      request: asked({ name: "charge_card", callId: "call_1", inputs: [{ amount: 1 }] }),
      unclaimed: [
        recorded(10, { name: "lookup", callId: "call_0", inputs: [{ amount: 1 }] }),
        recorded(12, { callId: "call_1", inputs: [{ amount: 2 }] }),
      ],
    });
    expect(text).toContain('\n  Recorded: step 12, tool call "charge" with {"amount":2}\n');
    expect(text).toContain("\n  Likely: it was renamed: the call id is the same.\n");
  });

  it("of a call id that comes back with other arguments shows both", () => {
    const text = explain({
      request: asked({ callId: "call_1", inputs: [{ city: "Roma" }] }),
      records: [
        recorded(10, { callId: "call_0", inputs: [{ city: "Roma" }] }),
        recorded(12, { callId: "call_1", inputs: [{ city: "Rome" }] }),
      ],
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the tool call "charge" in /agent has the call id "call_1" of step 12, and other arguments than that.
  Recorded: step 12, tool call "charge" with {"city":"Rome"}
  Asked now: tool call "charge" with {"city":"Roma"}
  Difference: $.city was "Rome" and is "Roma"
  Likely: something between the model and the call changes the arguments, such as a middleware or a default value, or the model's provider gave one id to two calls.
  What to do: Leave the arguments as the model gave them, or give each call an id of its own. Run it on the code it began with, and it goes on from here.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("of changed prompts in parallel branches compares with each record that could be meant", () => {
    const prompt = (day: string, topic: string) => [
      { role: "system", content: `You are an assistant. Today is ${day}.` },
      { role: "user", content: `Write about ${topic}.` },
    ];
    const call = { kind: "model" as const, name: "gpt", scope: "/team" };
    const topics = ["cats", "dogs", "owls", "bees", "ants"];
    const text = explain({
      request: asked({ ...call, inputs: prompt("2026-02-01", "dogs") }),
      records: topics.map((topic, index) =>
        recorded(index + 3, { ...call, inputs: prompt("2026-01-31", topic) }),
      ),
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the model call "gpt" in /team has another input than the 5 recorded ones that are left, and nothing tells which of them it is.
  Recorded: step 3, model call "gpt" with 2 inputs
  Recorded: step 4, model call "gpt" with 2 inputs
  Recorded: step 5, model call "gpt" with 2 inputs
  (and 2 more)
  Asked now: model call "gpt" with 2 inputs
  Difference from step 3: $[1].content was "Write about cats." and is "Write about dogs." (and 1 more place)
  Difference from step 4: $[0].content was "You are an assistant. Today is 2026-01-31." and is "You are an assistant. Today is 2026-02-01."
  Difference from step 5: $[1].content was "Write about owls." and is "Write about dogs." (and 1 more place)
  (and 2 more)
  Likely: the input holds the time, which is another one each time the code runs.
  What to do: Read the clock in a step of its own, such as await step("now", () => Date.now()): a replay is then given the recorded time. This run was recorded without that: start it anew.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("of one changed prompt says why its place did not help", () => {
    const call = { kind: "model" as const, name: "gpt" };
    const text = explain({
      request: asked({ ...call, inputs: ["What is new?"] }),
      records: [recorded(3, { ...call, inputs: ["What is old?"] })],
    });
    expect(text).toContain(
      " Its place does not tell that it is the recorded one: another ran at the same time, or one before it is missing.\n",
    );
  });

  it("of a call whose record went to another says that it did", () => {
    const call = { kind: "model" as const, name: "gpt", inputs: ["a"] };
    const text = explain({
      request: asked(call),
      records: [recorded(3, call, "drift"), recorded(4, { ...call, inputs: ["b"] })],
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the model call "gpt" in /agent is what step 3 recorded, but that result was given to an earlier call, which seemed to be the same one with a changed input.
  Recorded: step 3, model call "gpt" with "a"
  Asked now: model call "gpt" with "a"
  Likely: calls that run at the same time came in another order than when they were recorded, and the input of one of them changed.
  What to do: Start this run anew. Keep what changes out of the inputs of parallel calls: read clocks and draw random values in steps of their own.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("of a step where nothing is left says so", () => {
    const text = explain({
      request: asked({ name: "extra", inputs: [1] }),
      records: [recorded(3, { name: "extra", inputs: [2] }, "exact")],
    });
    expect(
      text,
    ).toBe(`Run run-1 cannot go on: the tool call "extra" in /agent is asked for, and nothing is left of what the journal recorded there.
  Asked now: tool call "extra" with 1
  Likely: a step was added, or is asked for more often than it was recorded.
  What to do: Run it on the code it began with, and it goes on from here. Steps that are added, removed, renamed or moved are for new runs.
  More: docs/errors/RUN_DIVERGED.md`);
  });

  it("says so when an input is not stored, or differs in nothing that is", () => {
    const records = [recorded(3, { inputs: [1] })];
    expect(explain({ request: asked({}), records })).toContain(
      "\n  Difference: not known, since an input is not stored.\n",
    );
    expect(explain({ request: asked({ inputs: [1] }), records })).toContain(
      "\n  Difference: none in what is stored of the inputs.\n",
    );
  });

  it("names what changed rather than what changes each time", () => {
    const input = (message: string, id: string) => [{ id, message }];
    const text = explain({
      request: asked({ inputs: input("no", "msg_9f8e7d6c5b4a39281706") }),
      records: [recorded(3, { inputs: input("yes", "msg_0123456789abcdef0123") })],
    });
    expect(text).toContain('\n  Difference: $.message was "yes" and is "no" (and 1 more place)\n');
    expect(text).toContain("\n  Likely: the code that makes this input was changed");
  });

  it("quotes 200 characters of a long value at most, around the difference", () => {
    const long = (word: string) => `${"before ".repeat(500)}${word}${" after".repeat(500)}`;
    const text = explain({
      request: asked({ inputs: [{ prompt: long("green") }] }),
      records: [recorded(3, { inputs: [{ prompt: long("blue") }] })],
    });
    const [, was = "", is = ""] = /Difference: \$\.prompt was (.+) and is (.+)/.exec(text) ?? [];
    expect(was).toMatch(/^….*before blue after.*…$/);
    expect(is).toMatch(/^….*before green after.*…$/);
    const values = [was, is, ...[...text.matchAll(/ with (.+)/g)].map(([, value = ""]) => value)];
    expect(values.map(({ length }) => length)).toEqual([202, 202, 201, 201]);
  });

  it("keeps what is named like a password to itself", () => {
    const text = explain({
      request: asked({ inputs: [{ user: "ann", password: "new-one", auth: { apiKey: ["k2"] } }] }),
      records: [
        recorded(3, {
          inputs: [{ user: "ann", password: "old-one", auth: { apiKey: ["k1"] } }],
        }),
      ],
    });
    expect(text).toContain(
      'with {"auth":{"apiKey":"(hidden)"},"password":"(hidden)","user":"ann"}',
    );
    expect(text).toContain(
      "\n  Difference: $.auth.apiKey[0] differs (hidden) (and 1 more place)\n",
    );
    expect(text).not.toMatch(/-one|k1|k2/);
  });

  it("carries its facts for programs", () => {
    const { details } = explainDivergence({
      runId: "run-1",
      request: asked({ inputs: [{ amount: 2 }] }),
      records: [recorded(3, { inputs: [{ amount: 1 }] })],
      unclaimed: [],
      at: AT,
    });
    expect(details).toEqual({
      runId: "run-1",
      contradiction: "other input",
      request: asked({ inputs: [{ amount: 2 }] }).identity,
      recorded: [3],
      differsAt: "$.amount",
      at: "book (/app/src/agent.ts:42:17)",
    });
  });
});
