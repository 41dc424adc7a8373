/**
 * The story Holdfast exists for: an agent is killed half-way, with `kill -9`, and another process
 * finishes what it began. Each thing is done once. `npm start` tells it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, Runtime } from "@holdfast/core";

const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), "holdfast-story-"));
const ledger = join(folder, "ledger");
const runId = `complaint ${process.pid} ${Date.now()}`;

console.log(`⚓ Holdfast   an agent refunds an order, in five steps. At the fourth, kill -9.\n`);
let worker = await work();

// This third process only looks on: the journal tells it what happens, wherever that is.
const viewer = new Runtime();
const run = viewer.handle<string>(runId);
const names = new Map<number, string>();
let killed = false;
for await (const event of run.events()) {
  tell(event);
  if (killed || event.name !== "write to the customer") continue;
  killed = true;
  worker.kill("SIGKILL");
  await once(worker, "exit");
  console.log(`  ✗ kill -9 ${worker.pid}. Another process is asked for the same run:`);
  worker = await work();
}

console.log(`\nThe run returned "${await run.result()}". What happened outside, by its ledger:`);
console.log(readFileSync(ledger, "utf8").replace(/^/gm, "  ").trimEnd());
console.log(
  `\nEach once, in ${since(began)}. What was done before the kill was not done again, nor paid again.`,
);
await viewer.close();
rmSync(folder, { recursive: true });

async function work(): Promise<ChildProcess> {
  const script = new URL("worker.ts", import.meta.url);
  const child = fork(script, [runId], { env: { ...process.env, LEDGER: ledger } });
  await once(child, "message");
  return child;
}

function tell({ type, step = 0, name, value }: RunEvent): void {
  if (name !== undefined) names.set(step, name);
  const what = `${step.toString().padStart(2)}  ${names.get(step)}`;
  if (type === "attempt") console.log(`  process ${(value as { readonly pid: number }).pid}`);
  if (type === "started") console.log(`    ▶ ${what}`);
  if (type === "restarted") console.log(`    ▶ ${what}, again: it had begun, and not ended`);
  if (type === "finished") console.log(`    ✓ ${what}`);
}

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
