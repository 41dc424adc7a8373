/**
 * A desk of three agents, killed at each stage: inside a model call, inside a tool, after a handoff, while it
 * waits for a person, and inside the tool that this person has approved. Each thing happens once.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunEvent, Runtime, type WaitView } from "@holdfast/core";
import { Shift } from "../story/shift.ts";
import { modelName } from "./model.ts";

console.log("⚓ Holdfast   a customer-service desk of three agents. At each stage, kill -9.");
console.log(`             Its model is ${modelName}.\n`);

const folder = mkdtempSync(join(tmpdir(), "holdfast-story-"));
const ledger = join(folder, "ledger");
const shift = new Shift(new URL("worker.ts", import.meta.url), ledger);
await shift.begin();

// This process asks for the run and looks on: the journal tells it what happens, wherever that is.
const runtime = new Runtime();
const text =
  "My flight is cancelled, booking QX7F2A. I want the money back, and seat 4A on the one tomorrow.";
const run = await runtime.start("desk", text, { context: {} });

const stages = new Map<string, (event: RunEvent) => boolean>([
  ["inside a model call", ({ type, kind }) => type === "started" && kind === "model"],
  ["inside a tool", ({ type, kind }) => type === "started" && kind === "tool"],
  ["after a handoff", ({ type, kind }) => type === "finished" && kind === "handoff"],
  ["while it waits for a person", isQuestion],
  ["inside the approved tool", isRefund],
]);
const steps = new Map<number, RunEvent>();
let owner = 0;
for await (const told of run.events()) {
  // Only how a step began says what it is.
  const event = { ...steps.get(told.step ?? 0), ...told };
  if (event.type === "started") steps.set(event.step!, told);
  if (event.type === "attempt") {
    owner = (event.value as { readonly pid: number }).pid;
    shift.say(steps.size === 0 ? "begins" : "goes on", owner);
  }
  const line = inWords(event);
  if (line !== undefined) shift.say(line, owner);
  const [stage] = [...stages].find(([, isNow]) => isNow(event)) ?? [];
  if (stage !== undefined && shift.isOnDuty(owner)) {
    stages.delete(stage);
    if (isRefund(event)) await isPaid();
    shift.kill(owner);
    shift.say(`✗ kill -9, ${stage}`, owner);
  }
  if (isQuestion(event)) await approve();
  if (event.type === "in doubt") await settle(event.step!);
}

const { finalOutput } = (await run.result()) as { readonly finalOutput: string };
console.log(`\nThe agents said: ${finalOutput}\n\nWhat happened outside, by its ledger:`);
console.log(readFileSync(ledger, "utf8").replace(/^/gm, "  ").trimEnd());
console.log("\nEach once, whoever was killed. What had returned was taken from the journal.");
for (const stage of stages.keys()) console.log(`The run was never ${stage} this time.`);
await Promise.all([shift.end(), runtime.close()]);
rmSync(folder, { recursive: true });

function isQuestion({ type, kind }: RunEvent): boolean {
  return type === "started" && kind === "approval";
}

function isRefund({ type, kind, name }: RunEvent): boolean {
  return type === "started" && kind === "tool" && name === "refund";
}

function inWords({ type, kind = "", name }: RunEvent): string | undefined {
  if (!["model", "tool", "handoff"].includes(kind)) return undefined;
  const what = kind === "model" ? "ask the model" : name;
  if (type === "started") return `▶ ${what}`;
  if (type === "restarted") return `▶ ${what}, again`;
  return type === "finished" ? `✓ ${what}` : undefined;
}

/** The bank has paid, and the worker does not know yet. */
async function isPaid(): Promise<void> {
  while (!readFileSync(ledger, "utf8").includes("refunded")) await sleep(5);
}

async function approve(): Promise<void> {
  const { name, asked, id } = await question("approval");
  shift.say(`☑ Ana approves ${name} ${JSON.stringify(asked)}`);
  await run.approve(id, { by: "ana" });
}

/** Nobody but a person knows: the journal has only that the call began. She looks at the bank's books. */
async function settle(step: number): Promise<void> {
  const { name } = await question("doubt");
  shift.say(`☑ Ana finds that ${name} is paid, and says so`);
  await run.settle(step, { result: "The money is on its way back." }, { by: "ana" });
}

async function question(kind: string): Promise<WaitView> {
  for (;;) {
    const wait = (await run.waits()).find((open) => open.kind === kind);
    if (wait !== undefined) return wait;
    await sleep(5);
  }
}
