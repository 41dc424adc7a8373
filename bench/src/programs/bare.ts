/** The yardstick of memory: a process with one connection to the database, and nothing of Holdfast. */
import pg from "pg";
import { say } from "./say.ts";

const client = new pg.Client({ connectionString: process.env.HOLDFAST_DATABASE_URL! });
await client.connect();
await client.query("select 1");
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  say({ is: "used", rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
});
process.once("disconnect", () => client.end());
say({ is: "ready" });
