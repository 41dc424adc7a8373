/**
 * The story Holdfast exists for: of two workers that serve an app, the one that runs it is killed in the
 * middle of a step, with `kill -9`, and the other goes on at that step, without being told.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Runtime } from "@holdfast/core";

export interface Story<Output> {
  /** The program of a worker. It sends a message once it serves. */
  readonly worker: URL;
  /** By what name it serves the app. */
  readonly app: string;
  readonly input: unknown;
  /** The step in whose middle the worker is killed. */
  readonly killedIn: string;
  /** What the run returned, in words. */
  readonly inWords: (output: Output) => string;
}

const WIDTH = 32;

export async function tell<Output>(story: Story<Output>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-story-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const ledger = join(folder, "ledger");
  const workers = await Promise.all([start(story.worker, ledger), start(story.worker, ledger)]);
  const heads = workers.map(({ pid }) => `worker ${pid}`.padEnd(WIDTH));
  console.log(`  seconds   ${heads.join("")}`.trimEnd());

  // This third process asks for the run and looks on: the journal tells it what happens, wherever that is.
  const runtime = new Runtime();
  const run = await runtime.start(story.app, story.input);
  const began = performance.now();
  const labels = new Map<number, string>();
  let owner = workers[0];
  let place = "";
  let killed = Number.NaN;
  let done = 0;
  const say = (text: string) => {
    const column = " ".repeat(WIDTH * workers.indexOf(owner));
    console.log(`  ${seconds(began).padStart(7)}   ${column}${text}`);
  };
  for await (const { type, step = 0, kind, name, scope = "", value } of run.events()) {
    if (type === "attempt") {
      const { pid } = value as { readonly pid: number };
      owner = workers.find((worker) => worker.pid === pid)!;
      say(killed ? `goes on, ${seconds(killed)} s later` : "begins");
    }
    if (type === "started") {
      labels.set(step, kind === "code" ? name! : `${kind} ${name}`);
      if (scope !== place) say(`in ${scope}`);
      place = scope;
    }
    const what = labels.get(step);
    if (type === "started") say(`▶ ${what}`);
    if (type === "restarted") say(`▶ ${what}, again`);
    if (type === "finished") say(`✓ ${what}`);
    if (type === "finished" && !killed) done += 1;
    if (type !== "started" || name !== story.killedIn || killed) continue;
    killed = performance.now();
    owner.kill("SIGKILL");
    say("✗ kill -9");
  }

  console.log(`\nThe run returned: ${story.inWords((await run.result()) as Output)}`);
  console.log("\nWhat happened outside, by its ledger:");
  console.log(readFileSync(ledger, "utf8").replace(/^/gm, "  ").trimEnd());
  if (killed) {
    console.log(
      `\nThe ${done} steps that had returned before the kill were not done again, nor paid again:`,
    );
    console.log(`worker ${owner.pid} took them from the journal.`);
  } else console.log(`\n${story.killedIn} was not called this time, so nobody was killed.`);
  for (const worker of workers) if (worker.connected) worker.disconnect();
  await Promise.all([...workers.map(ended), runtime.close()]);
}

async function start(program: URL, ledger: string): Promise<ChildProcess> {
  const worker = fork(program, { env: { ...process.env, LEDGER: ledger } });
  await once(worker, "message");
  return worker;
}

async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit");
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}
