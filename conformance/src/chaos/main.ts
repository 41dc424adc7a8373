/** `node conformance/src/chaos/main.ts [--minutes 30] [--seed N]`: round after round, until one fails. */
import { parseArgs } from "node:util";
import { printResult, printSum } from "./print.ts";
import { newDatabaseName, PrivatePostgres } from "./private-postgres.ts";
import { chaosRound, type RoundCounts } from "./round.ts";
import { runSql } from "./sql.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    runs: { type: "string", default: "200" },
    lease: { type: "string", default: "10000" },
    stops: { type: "string", default: "1" },
    workers: { type: "string", default: "4" },
  },
});
const minutes = Number(values.minutes);
let seed = Number(values.seed);
console.log(`chaos for ${minutes} minutes from seed ${seed}`);

const began = performance.now();
const all: RoundCounts[] = [];
const postgres = await PrivatePostgres.open();
const admin = postgres.url("postgres");
try {
  while (performance.now() - began < minutes * 60_000) {
    const database = newDatabaseName();
    await runSql(admin, `create database ${database}`);
    const result = await chaosRound({
      seed,
      postgres,
      database,
      workers: Number(values.workers),
      runs: Number(values.runs),
      steps: 20,
      leaseMs: Number(values.lease),
      killEveryMs: 300,
      postgresKills: 2,
      longOutages: 0.25,
      stops: Number(values.stops),
      patienceMs: 60_000,
    });
    await runSql(admin, `drop database ${database} with (force)`);
    console.log(printResult(result));
    all.push(result.counts);
    if (result.violations.length > 0) {
      process.exitCode = 1;
      break;
    }
    seed += 1;
  }
} finally {
  await postgres.close();
}
console.log(printSum(all, performance.now() - began));
