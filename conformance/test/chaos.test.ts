import { expect, it } from "vitest";
import { printResult } from "../src/chaos/print.ts";
import { PrivatePostgres } from "../src/chaos/private-postgres.ts";
import { chaosRound } from "../src/chaos/round.ts";

const seed = Number(process.env.HOLDFAST_CHAOS_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_CHAOS_SEED=${seed}`);

it("runs survive killed, drained and stopped workers and a killed Postgres, all at once", async () => {
  const postgres = await PrivatePostgres.open();
  try {
    const result = await chaosRound({
      seed,
      postgres,
      database: "postgres",
      workers: 3,
      runs: 60,
      steps: 12,
      leaseMs: 3_000,
      killEveryMs: 300,
      postgresKills: 1,
      longOutages: 0.5,
      stops: 2,
      patienceMs: 45_000,
    });
    console.log(printResult(result));
    expect(result.violations).toEqual([]);
    const { kills, stops, postgresKills, repeated, attempts, runs } = result.counts;
    // Something was going on.
    expect(kills).toBeGreaterThan(10);
    expect({ stops, postgresKills }).toEqual({ stops: 2, postgresKills: 1 });
    expect(repeated).toBeGreaterThan(0);
    expect(attempts).toBeGreaterThan(runs);
  } finally {
    await postgres.close();
  }
}, 240_000);
