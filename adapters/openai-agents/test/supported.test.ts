// Which copies of the SDK are taken, and what is said of others before anything runs.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import type { Agent } from "@openai/agents";
import { afterAll, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { SUPPORTED } from "../src/index.ts";
import { install } from "../src/install.ts";
import { ownCopy, type SdkCopy } from "../src/sdk.ts";

const runtime = new Runtime({ store: openMemoryStore(memoryDatabase()) });
afterAll(() => runtime.close());

test("the tested range is the one that npm holds users to", () => {
  expect(manifest.peerDependencies["@openai/agents"]).toBe(SUPPORTED);
});

test("a copy that is not as it was tested is refused by the names of what is missing and of the range", () => {
  const { agents, internals } = ownCopy();
  class Agent {
    getAllTools() {}
  }
  class Runner {}
  class RunContext {}
  const without = (parts: object) =>
    ({ internals, agents: { ...agents, ...parts } }) as unknown as SdkCopy;
  const message = (name: string) => expect.stringContaining(name);
  const hint = expect.stringContaining(SUPPORTED);
  const refused = { code: "UNSUPPORTED_FRAMEWORK_VERSION", hint };
  for (const [parts, name] of [
    [{ Runner }, "Runner.run"],
    [{ Agent }, "getEnabledHandoffs"],
    [{ RunContext }, "_resolveToolInvocationApproval"],
  ] as const) {
    const found = catching(() => install(without(parts)));
    expect(found).toMatchObject({ ...refused, message: message(name) });
  }
});

test("an agent of a copy that cannot be reached is refused before anything runs", async () => {
  const core = createRequire(import.meta.url).resolve("@openai/agents-core");
  const file = pathToFileURL(join(dirname(core), "agent.mjs"));
  const other = (await import(`${file}?another`)) as { readonly Agent: typeof Agent };
  const running = runtime.run(new other.Agent({ name: "Stranger", model: "none" }), "Hi.");
  await expect(running).rejects.toMatchObject({
    code: "UNSUPPORTED_FRAMEWORK_VERSION",
    hint: expect.stringContaining(SUPPORTED),
  });
});

function catching(part: () => void): unknown {
  try {
    part();
    return undefined;
  } catch (error) {
    return error;
  }
}
