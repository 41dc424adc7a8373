/**
 * So many workers in one process, each a runtime of its own, with nothing to do. What the process has used
 * is told when it is asked.
 */
import { Runtime } from "@holdfast/core";
import pg from "pg";
import { say } from "./say.ts";

const { HOLDFAST_BENCH_WORKERS: workers, HOLDFAST_BENCH_WAY: way } = process.env;
const url = process.env.HOLDFAST_DATABASE_URL!;

/** Options with code in them cannot be handed to a thread. */
function withCode(): pg.Pool {
  const { password } = new URL(url);
  const connection = new URL(url);
  connection.password = "";
  const { hostname, port, username, pathname } = connection;
  return new pg.Pool({
    host: hostname,
    port: Number(port || 5432),
    user: username,
    database: pathname.slice(1),
    password: () => decodeURIComponent(password),
  });
}

const runtimes = Array.from(
  { length: Number(workers) },
  () => new Runtime(way === "no thread" ? { database: withCode() } : {}),
);
await Promise.all(
  runtimes.map((runtime, nth) =>
    runtime.serve({ idle: async () => null, [`idle ${nth}`]: async () => null }),
  ),
);
// Each connection is opened when it is needed first.
await Promise.all(runtimes.map((runtime) => runtime.run(async (value: null) => value, null)));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  say({ is: "used", rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
});
process.once("disconnect", () => Promise.all(runtimes.map((runtime) => runtime.close())));
say({ is: "ready" });
