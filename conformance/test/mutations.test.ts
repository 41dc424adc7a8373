/**
 * The fuzzer is worth what it can find: each rule of the journal is switched off in a copy of the built
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
    file: "execution.js",
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
    from: "this.#durable(live.ended(outcome))",
    to: "Promise.resolve(void live.ended(outcome))",
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

/** The exit code of the fuzzer on the copy. */
function fuzzCopy(): Promise<number> {
  const main = join(copy, "src/fuzz/main.ts");
  return promisify(execFile)(process.execPath, [main, "30000", "1"]).then(
    () => 0,
    (error: { readonly code: number }) => error.code,
  );
}

it("the fuzzer is content with the copy as it is", async () => {
  expect(await fuzzCopy()).toBe(0);
});

it.each(MUTATIONS)(
  "the fuzzer notices when it is not so that $rule",
  async ({ file, from, to }) => {
    const path = join(copy, "node_modules/@holdfast/core/dist/journal", file);
    const code = await readFile(path, "utf8");
    expect(code).toContain(from);
    await writeFile(path, code.replace(from, to));
    try {
      expect(await fuzzCopy()).toBe(1);
    } finally {
      await writeFile(path, code);
    }
  },
);
