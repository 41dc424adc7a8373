/**
 * Runs a scenario in real processes, each killed at a random moment by SIGKILL, until one of them
 * comes to the end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Entry, idOfKey, newId, openStore } from "@holdfast/core/store";
import { keyOfPart, runOfPart } from "./beside.ts";
import { CHILD_ORDER, type ChildOrder } from "./child.ts";
import type { Sql } from "./crash-database.ts";
import { parseEffects, type WrittenEffect } from "./effects-file.ts";
import { journalOf } from "./journal-of.ts";
import { peopleAnswer } from "./people.ts";
import type { Scenario } from "./scenario.ts";

export interface KillOptions {
  /** A script that calls `runAsChild`. */
  readonly script: string;
  readonly scenario: Scenario;
  readonly url: string;
  /** Of the same database, of nobody who is killed. */
  readonly sql: Sql;
  /** How long an effect takes. */
  readonly paceMs: number;
  /** Milliseconds from `ready` after which the next process is killed; nothing: it may live. */
  nextKill(): number | undefined;
}

export interface Killed {
  readonly output: unknown;
  readonly kills: number;
  /** Of the last process, from `ready` to its output. */
  readonly tookMs: number;
  /** From its output until it was gone, by itself. */
  readonly lingeredMs: number;
  readonly effects: readonly WrittenEffect[];
  readonly journal: readonly Entry[];
  /** What came of each part of the scenario, in their order. Effects are named as the part does. */
  readonly parts: readonly Pick<Killed, "output" | "effects" | "journal">[];
}

/** Throws if a process that was not killed fails, or does not exit by itself. */
export async function killUntilDone(options: KillOptions): Promise<Killed> {
  const { scenario, url, sql } = options;
  // As a user names it: in a thread a run has another id besides.
  const runId = idOfKey("run", "default", newId());
  const dir = await mkdtemp(join(tmpdir(), "holdfast-kill-"));
  const effectsFile = join(dir, "effects");
  await writeFile(effectsFile, "");
  const effects = async () => parseEffects(await readFile(effectsFile, "utf8"));
  const store = await openStore({ database: url });
  const people = peopleAnswer({
    scenario,
    store,
    runId,
    happened: async (key) => (await effects()).some((one) => one.key === key),
  });
  try {
    for (let kills = 0; ; kills += 1) {
      const { paceMs } = options;
      const nth = kills + 1;
      const order = { scenario: scenario.name, runId, nth, effects: effectsFile, paceMs };
      const life = await liveOnce(options, order);
      if (life.is === "ended") {
        const all = await effects();
        const parts = await Promise.all(
          (scenario.parts ?? []).map(async (part, index) => ({
            output: (life.output as readonly unknown[])[index],
            effects: effectsOfPart(part, all),
            journal: await journalOf(store, runOfPart(runId, part)),
          })),
        );
        const journal = await journalOf(store, runId);
        return { ...life, kills, effects: all, journal, parts };
      }
      // As time would, in ten seconds.
      const expire = "update holdfast.workers set expires_at = now() where pid = $1";
      await sql.query(expire, [life.pid]);
    }
  } finally {
    await people.leave();
    await store.close();
    await rm(dir, { recursive: true });
  }
}

function effectsOfPart(part: Scenario, all: readonly WrittenEffect[]): readonly WrittenEffect[] {
  const prefix = keyOfPart(part, "");
  return all
    .filter(({ key }) => key.startsWith(prefix))
    .map((effect) => ({ ...effect, key: effect.key.slice(prefix.length) }));
}

type Life =
  | { readonly is: "killed"; readonly pid: number }
  | {
      readonly is: "ended";
      readonly output: unknown;
      readonly tookMs: number;
      readonly lingeredMs: number;
    };

const EXIT_MS = 20_000;

async function liveOnce({ script, url, nextKill }: KillOptions, order: ChildOrder): Promise<Life> {
  const child = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      HOLDFAST_DATABASE_URL: url,
      [CHILD_ORDER]: JSON.stringify(order),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid!;
  const exited = once(child, "close");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let readyAt = 0;
  let endedAt = 0;
  let output: unknown;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = setTimeout(() => child.kill("SIGKILL"), EXIT_MS);
  for await (const line of createInterface(child.stdout)) {
    if (line === "ready") {
      readyAt = performance.now();
      timer = killIn(child, nextKill());
      continue;
    }
    endedAt = performance.now();
    clearTimeout(timer);
    ({ output } = JSON.parse(line) as { readonly output: unknown });
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  clearTimeout(timer);
  clearTimeout(tooLong);
  const isKilled = timer !== undefined && signal === "SIGKILL";
  if (isKilled && endedAt === 0) return { is: "killed", pid };
  if (code !== 0 && !isKilled) {
    throw new Error(`The process ended with ${code ?? signal}, after "${output}".\n${errors}`);
  }
  const lingeredMs = performance.now() - endedAt;
  return { is: "ended", output, tookMs: endedAt - readyAt, lingeredMs };
}

function killIn(child: ChildProcess, ms: number | undefined): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), ms);
}
