import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { SUPPORTED } from "../src/index.ts";

test("the tested range is the one that npm holds users to", () => {
  expect(manifest.peerDependencies["@openai/agents"]).toBe(SUPPORTED);
});
