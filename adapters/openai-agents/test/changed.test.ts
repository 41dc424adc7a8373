// A crash anywhere, and what goes on is not what was begun, or was aborted: it comes to the same.
import { run } from "@openai/agents";
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { aborted, desk, GONE_ON, losses, otherPrompts } from "./changed.ts";
import { replayed } from "./replayed.ts";
import { plain } from "./scenarios/plain.ts";
import "../src/index.ts";

describe.each([otherPrompts, ...losses, aborted])("$name:", (scenario) => {
  test("undisturbed it comes to what it comes to with the SDK alone", async () => {
    const effects = new Set<string>();
    const app = desk(async (name) => void effects.add(name));
    const bare = plain(await run(app, "Go.", { context: { notes: {} } }));
    const { ending, outside } = await survive(replayed(scenario), { database: inMemory() });
    expect(ending).toEqual({ is: "returned", output: bare });
    outside.counts.delete(GONE_ON);
    expect(new Set(outside.counts.keys())).toEqual(effects);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});
