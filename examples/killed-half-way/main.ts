/**
 * The story Holdfast exists for: an agent is killed half-way, with `kill -9`, and another worker goes on
 * at that step, without being told. Each thing is done once. `npm start` tells it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Runtime } from "@holdfast/core";

const folder = mkdtempSync(join(tmpdir(), "holdfast-story-"));
const ledger = join(folder, "ledger");

console.log("⚓ Holdfast   an agent refunds an order, in five steps. At the fourth, kill -9.\n");
const workers = await Promise.all([work(), work()]);
console.log(
  `  seconds   ${workers.map(({ pid }) => `worker ${pid}`.padEnd(32)).join("")}`.trimEnd(),
);

// This third process asks for the run and looks on: the journal tells it what happens, wherever that is.
const runtime = new Runtime();
const run = await runtime.start("refund", { order: "A-1042", text: "It never arrived." });
const began = performance.now();
const names = new Map<number, string>();
let owner = workers[0];
let killed = Number.NaN;
for await (const { type, step = 0, name, value } of run.events()) {
  if (name !== undefined) names.set(step, name);
  const what = names.get(step);
  if (type === "attempt") {
    const { pid } = value as { readonly pid: number };
    owner = workers.find((worker) => worker.pid === pid)!;
    say(killed ? `goes on, ${seconds(killed)} s later` : "begins");
  }
  if (type === "started") say(`▶ ${what}`);
  if (type === "restarted") say(`▶ ${what}, again`);
  if (type === "finished") say(`✓ ${what}`);
  if (what !== "write to the customer" || killed) continue;
  killed = performance.now();
  owner.kill("SIGKILL");
  say("✗ kill -9");
}

console.log(`\nThe run returned "${await run.result()}". What happened outside, by its ledger:`);
console.log(readFileSync(ledger, "utf8").replace(/^/gm, "  ").trimEnd());
console.log("\nEach once. What was done before the kill was not done again, nor paid again:");
console.log(`worker ${owner.pid} took it from the journal.`);
owner.disconnect();
await Promise.all([once(owner, "exit"), runtime.close()]);
rmSync(folder, { recursive: true });

async function work(): Promise<ChildProcess> {
  const script = new URL("worker.ts", import.meta.url);
  const worker = fork(script, { env: { ...process.env, LEDGER: ledger } });
  await once(worker, "message");
  return worker;
}

/** In the column of the worker it is about. */
function say(text: string): void {
  const indent = " ".repeat(32 * workers.indexOf(owner));
  console.log(`  ${seconds(began).padStart(7)}   ${indent}${text}`);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}
