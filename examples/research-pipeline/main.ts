/**
 * A research pipeline of ADK agents, killed at every stage with `kill -9`: in a search, in the review, and while
 * it waits for a person. Each time another living worker goes on. `npm run example -- research-pipeline` tells it.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, Runtime } from "@holdfast/core";
import { Shift } from "../story/shift.ts";
import { modelName } from "./model.ts";

/** In the middle of which steps. */
const kills = new Set(["light: search", "editor: model", "publisher: consent"]);

console.log("⚓ Holdfast   three researchers at once, a writer, a review, a person who consents.");
console.log("             kill -9 in a search, in the review, and while the person thinks.");
console.log(`             The model is ${modelName}.\n`);

const folder = mkdtempSync(join(tmpdir(), "holdfast-story-"));
const ledger = join(folder, "ledger");
const shift = new Shift(new URL("worker.ts", import.meta.url), ledger);
await shift.begin();

// This process asks for the run and looks on: the journal tells it what happens, wherever that is.
const runtime = new Runtime();
const run = await runtime.start("research", "Where does kelp grow?");
const labels = new Map<number, string>();
let owner = 0;
let killed: number | undefined;
let isAsked = false;
for await (const event of run.events()) {
  const { type, step = 0, kind, by, value } = event;
  if (type === "attempt") {
    owner = (value as { readonly pid: number }).pid;
    say(killed === undefined ? "begins" : `goes on, ${seconds(killed)} s later`);
    if (isAsked) await consent();
  }
  if (type === "started") labels.set(step, labelOf(event));
  const label = labels.get(step) ?? "";
  if (type === "started" && kind === "approval") {
    say(`? ${label}`);
    isAsked = kills.has(label);
    if (!isAsked) await consent();
  }
  if (type === "said") say(`☑ ${by} consents`);
  // ADK goes through a tool that needs consent twice: the first time it only asks.
  if (type === "effect" && asksConsent(value)) labels.set(step, `${label}, which asks first`);
  if (type === "restarted") say(`▶ ${label}, again`);
  if (type === "finished") say(`✓ ${label}`);
  if (type !== "started" || !kills.delete(label) || !shift.isOnDuty(owner)) continue;
  killed = performance.now();
  shift.kill(owner);
  say(`✗ kill -9, in the middle of ${label}`);
}

const { output } = (await run.result()) as { readonly output: string };
console.log(`\nThe agents said: ${output}\n\nWhat happened outside, by its ledger:`);
console.log(readFileSync(ledger, "utf8").replace(/^/gm, "  ").trimEnd());
console.log("\nEach once, whoever was killed. What had returned was taken from the journal.");
for (const stage of kills) console.log(`The run never came to "${stage}" this time.`);
await Promise.all([shift.end(), runtime.close()]);
rmSync(folder, { recursive: true });

/** Which agent does what. */
function labelOf({ scope = "", kind, name }: RunEvent): string {
  const agent = /agent:(\w+)[^/]*$/.exec(scope)?.[1];
  return `${agent}: ${kind === "tool" ? name : kind === "approval" ? "consent" : kind}`;
}

function asksConsent(effect: unknown): boolean {
  return Object.hasOwn(effect as object, "requestedToolConfirmations");
}

function consent(): Promise<void> {
  return run.approve(undefined, { by: "ana" });
}

function say(text: string): void {
  shift.say(text, owner);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}
