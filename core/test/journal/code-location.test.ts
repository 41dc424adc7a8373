import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeLocation } from "../../src/journal/code-location.ts";

const stack = (...frames: readonly string[]) =>
  ["Error: at /not/a/frame.ts:1:1", ...frames.map((frame) => `    at ${frame}`)].join("\n");
const packages = join(import.meta.dirname, "../../..");

describe("the location in the user's code", () => {
  it.each([
    ["book (/app/src/agent.ts:42:17)", "book (/app/src/agent.ts:42:17)"],
    ["async book (/app/src/agent.ts:42:17)", "book (/app/src/agent.ts:42:17)"],
    ["new Agent (file:///app/a%20b.ts:1:2)", "new Agent (/app/a b.ts:1:2)"],
    ["/app/src/agent.ts:42:17", "/app/src/agent.ts:42:17"],
    ["page (/app/(chat)/page.ts:3:4)", "page (/app/(chat)/page.ts:3:4)"],
    ["run (C:\\app\\agent.ts:1:2)", "run (C:\\app\\agent.ts:1:2)"],
  ])("of %s is %s", (frame, location) => {
    expect(codeLocation(stack(frame))).toBe(location);
  });

  it.each([
    "node:internal/process/task_queues:105:5",
    "async Promise.all (index 0)",
    "eval (eval at run (/app/a.js:1:1), <anonymous>:1:1)",
    "<anonymous>",
    "call (/app/node_modules/langchain/dist/index.js:1:2)",
    "call (C:\\app\\node_modules\\langchain\\index.js:1:2)",
    `step (${packages}/core/src/run/step.ts:1:2)`,
    `step (file://${packages}/adapters/langgraph/dist/index.js:1:2)`,
  ])("is not %s, but what comes after it", (frame) => {
    expect(codeLocation(stack(frame))).toBeUndefined();
    expect(codeLocation(stack(frame, "book (/app/a.ts:1:2)"))).toBe("book (/app/a.ts:1:2)");
  });

  it("is found in a checkout of Holdfast too", () => {
    const place = `example (${packages}/examples/first/main.ts:1:2)`;
    expect(codeLocation(stack(place))).toBe(place);
  });

  it("is found in a real stack", () => {
    expect(codeLocation(new Error("here").stack!)).toContain("code-location.test.ts:");
  });
});
