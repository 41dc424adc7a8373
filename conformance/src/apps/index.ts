import type { Scenario } from "../crash/index.ts";
import { branches } from "./branches.ts";
import { caught } from "./caught.ts";
import { expiry } from "./expiry.ts";
import { loop } from "./loop.ts";
import { once } from "./once.ts";
import { pipeline } from "./pipeline.ts";
import { race } from "./race.ts";
import { retriedRun } from "./retried-run.ts";
import { retries } from "./retries.ts";
import { sequence } from "./sequence.ts";
import { waits } from "./waits.ts";

export const functionApps: readonly Scenario[] = [
  sequence,
  branches,
  pipeline,
  retries,
  waits,
  expiry,
  once,
  race,
  caught,
  loop,
  retriedRun,
];
