import { describe, expect, it } from "vitest";
import { testDatabase } from "../../core/test/support/test-database.ts";
import { functionApps } from "../src/apps/index.ts";
import { everyPoint, inMemory, onPostgres, type PointReport } from "../src/crash/index.ts";

const { url, pool } = testDatabase();

function expectClean({ failures, schedules, deaths }: PointReport): void {
  expect(failures.slice(0, 3).join("\n\n")).toBe("");
  // Timing may spare a run the point where it was to die, but not often.
  expect(deaths).toBeGreaterThan(schedules * 0.8);
}

describe.concurrent("killed before and after every write, and in every effect", () => {
  it.for(functionApps)("over the store in memory: $name", async (app) => {
    expectClean(await everyPoint(app, { database: inMemory, atOnce: 16 }));
  });
});

describe("killed before and after every write, and in every effect", () => {
  it.for(functionApps)("over Postgres: $name", async (app) => {
    expectClean(await everyPoint(app, { database: () => onPostgres(url, pool), atOnce: 8 }));
  });
});
