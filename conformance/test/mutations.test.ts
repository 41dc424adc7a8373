/**
 * The fuzzer is worth what it can find: each rule of the journal and of the waits is switched off in a copy of the built
 * code, and the fuzzer has to notice.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Mutation {
  readonly rule: string;
  /** Below `journal`, if no folder is named. */
  readonly file: string;
  /** The place where it stands, and what stands there without it. */
  readonly from: string;
  readonly to: string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    rule: "a tool never takes a record of another input",
    file: "match.js",
    from: "MAY_DRIFT.has(kind) && !contested",
    to: "!contested",
  },
  {
    rule: "records are given in line only",
    file: "match.js",
    from: "!contested && isInLine(nth, records)",
    to: "true",
  },
  {
    rule: "a changed prompt waits until all is quiet",
    file: "identification.js",
    from: 'stillness !== "moving"',
    to: "true",
  },
  {
    rule: "a record is taken once",
    file: "record-group.js",
    from: "record.consumed = consumed",
    to: "void consumed",
  },
  {
    rule: "steps with a call id are a group of their own",
    file: "step-record.js",
    from: ", callId !== undefined]",
    to: "]",
  },
  {
    rule: "recorded results pass in the order in which they were returned",
    file: "gate.js",
    from: "record === next ||",
    to: "record !== undefined ||",
  },
  {
    rule: "a live result waits for the recorded ones",
    file: "execution.js",
    from: "!scope.fresh)",
    to: "false)",
  },
  {
    rule: "results are given one at a time",
    file: "gate.js",
    from: "await this.#scheduler.turn();",
    to: "",
  },
  {
    rule: "an outcome is durable before it is returned",
    file: "execution.js",
    from: "const recorded = this.#activity.durable(live.ended(outcome))",
    to: "const recorded = Promise.resolve(void live.ended(outcome))",
  },
  {
    rule: "a retry gets a new result",
    file: "scope.js",
    from: "nth === 1 ? path :",
    to: "true ? path :",
  },
  {
    rule: "failed tries are remembered",
    file: "history.js",
    from: "(this.failedTries.get(scope) ?? 0) + 1",
    to: "0",
  },
  {
    rule: "what a step was given up with is its outcome",
    file: "execution.js",
    from: "request.abandoned ?? never()",
    to: "never()",
  },
  {
    rule: "a step in doubt that may run only once is not run again",
    file: "execution.js",
    from: "record === undefined || record.isAtRest || settle === undefined",
    to: "true",
  },
  {
    rule: "a step whose body only waited when the run was suspended is not in doubt",
    file: "running-bodies.js",
    from: "body.live.rest();",
    to: ";",
  },
  {
    rule: "tries are counted over all executions",
    file: "body-runner.js",
    from: "record?.failedTries ?? 0",
    to: "0",
  },
  {
    rule: "a failed try is durable before the next begins",
    file: "body-runner.js",
    from: "await activity.durable(live.tryFailed(running.basePath, outcome));",
    to: "void running.basePath;",
  },
  {
    rule: "an effect belongs to the outcome it came with",
    file: "history.js",
    from: "before === seq - 1 &&",
    to: "",
  },
  {
    rule: "a step whose failure ended the run is run again when the run goes on",
    file: "history.js",
    from: "if (record === ended ||",
    to: "if (",
  },
  {
    rule: "only a step whose failure ended the run is run again",
    file: "history.js",
    from: "if (record === ended || (isInside && record.outcome?.failed))",
    to: "if (true)",
  },
  {
    rule: "what a framework restored is not waited for",
    file: "execution.js",
    from: "this.#gate.close(path);",
    to: "",
  },
  {
    rule: "a body in which something is held up does nothing",
    file: "running-bodies.js",
    from: "if (!body.scope.isStill",
    to: "if (!body.scope.waits",
  },
  {
    rule: "what failed in the body of the step that ended the run is run again, too",
    file: "history.js",
    from: "(isInside && record.outcome?.failed)",
    to: "false",
  },
  {
    rule: "questions of a run that failed are asked anew",
    file: "history.js",
    from: "this.#forgetOpenQuestions();\n        if",
    to: "if",
  },
  {
    rule: "bodies come to their end before a run that was left is taken up again",
    file: "activity.js",
    from: "this.#parts.bodies.areAtRest",
    to: "true",
  },
  {
    rule: "a question with another text is another question",
    file: "match.js",
    from: 'return { is: "replacement", record };',
    to: 'return { is: "record", record, drift: false };',
  },
  {
    rule: "an answer goes to the question it was given to",
    file: "wait/waits.js",
    from: "this.#said.get(waitKey(seq))",
    to: "[...this.#said.values()].at(-1)",
  },
  {
    rule: "a signal is consumed once",
    file: "wait/waits.js",
    from: "!consumed.has(seq)",
    to: "true",
  },
  {
    rule: "a signal that was taken is gone",
    file: "wait/waits.js",
    from: 'if (found?.kind === "signal")',
    to: "if (false)",
  },
  {
    rule: "signals are taken in the order in which they came",
    file: "wait/waits.js",
    from: "this.#signals.push(control)",
    to: "this.#signals.unshift(control)",
  },
  {
    rule: "everything that was said is heard, in order",
    file: "wait/waits.js",
    from: "after: this.#heardUpTo, spaceId",
    to: "after: this.#heardUpTo + 1, spaceId",
  },
  {
    rule: "of decisions the first counts",
    file: "store/memory/memory-control.js",
    from: "winner !== undefined ||",
    to: "",
  },
  {
    rule: "a run is not suspended while a branch does something",
    file: "activity.js",
    from: "if (!root.waits)\n            return;",
    to: "",
  },
  {
    rule: "a run whose every branch waits is suspended",
    file: "activity.js",
    from: "reports.waiting();",
    to: ";",
  },
  {
    rule: "nothing goes on once a run is suspended",
    file: "activity.js",
    from: "if (this.isStopped)\n                await never();",
    to: "",
  },
  {
    rule: "a question that a framework left for is answered in the next execution",
    file: "run/conclude.js",
    from: "|| waits.isLeftAnswered",
    to: "",
  },
  {
    rule: "no body begins in a run that is handed over",
    file: "activity.js",
    from: "!this.#isDraining || ",
    to: "true || ",
  },
  {
    rule: "a body that is under way may do what it consists of",
    file: "activity.js",
    from: "|| this.#parts.bodies.isWithinOne(scope)",
    to: "",
  },
  {
    rule: "bodies come to their end before a run is handed over",
    file: "activity.js",
    from: "bodies.areStill",
    to: "true",
  },
  {
    rule: "what came of a body is said before the run is handed over",
    file: "activity.js",
    from: "await scheduler.turn();",
    to: "",
  },
  {
    rule: "a process on its way out executes nothing",
    file: "run/attempt.js",
    from: "drain?.aborted || signal.aborted)",
    to: "signal.aborted)",
  },
  {
    rule: "a run that is paused waits to be let go on",
    file: "run/attempt.js",
    from: "orders.pause !== undefined",
    to: "false",
  },
  {
    rule: "a run that is paused is not executed",
    file: "run/orders.js",
    from: "|| this.#pause !== undefined",
    to: "",
  },
  {
    rule: "of pausing and going on the last counts",
    file: "run/orders.js",
    from: "this.#pause = undefined;",
    to: "",
  },
  {
    rule: "a run that is cancelled ends",
    file: "run/attempt.js",
    from: "if (orders.cancellation !== undefined)",
    to: "if (false)",
  },
  {
    rule: "a run whose journal says that it was cancelled is not executed",
    file: "run/run-end.js",
    from: '["run cancelled", "cancelled"],',
    to: "",
  },
  {
    rule: "orders from before a run failed do not end it when it is tried again",
    file: "run/orders.js",
    from: "&& seq > this.#outdated",
    to: "",
  },
  {
    rule: "what is ordered is heard, whichever way it comes",
    file: "wait/waits.js",
    from: "else if (isOrder(control))\n            this.#parts.onOrder(control);",
    to: "",
  },
];

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "holdfast-mutations-"));
  await cp(join(ROOT, "conformance/src"), join(copy, "src"), { recursive: true });
  await writeFile(join(copy, "package.json"), JSON.stringify({ type: "module" }));
  const core = join(copy, "node_modules/@holdfast/core");
  await cp(join(ROOT, "core/dist"), join(core, "dist"), { recursive: true });
  await cp(join(ROOT, "core/package.json"), join(core, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(core, "node_modules"));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** How many programs it takes at most to notice, and how many are enough to be content. */
const PROGRAMS = 20_000;

/** The exit code of the fuzzer on the copy. */
function fuzzCopy(count: number): Promise<number> {
  const main = join(copy, "src/fuzz/main.ts");
  return promisify(execFile)(process.execPath, [main, String(count), "1"]).then(
    () => 0,
    (error: { readonly code: number }) => error.code,
  );
}

it("the fuzzer is content with the copy as it is", async () => {
  expect(await fuzzCopy(PROGRAMS / 8)).toBe(0);
});

it.each(MUTATIONS)(
  "the fuzzer notices when it is not so that $rule",
  async ({ file, from, to }) => {
    const place = file.includes("/") ? file : `journal/${file}`;
    const path = join(copy, "node_modules/@holdfast/core/dist", place);
    const code = await readFile(path, "utf8");
    expect(code).toContain(from);
    await writeFile(path, code.replace(from, to));
    try {
      expect(await fuzzCopy(PROGRAMS)).toBe(1);
    } finally {
      await writeFile(path, code);
    }
  },
);
