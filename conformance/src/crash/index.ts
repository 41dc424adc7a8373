export { beside } from "./beside.ts";
export { journalViolations } from "./check.ts";
export { runAsChild } from "./child.ts";
export { type CrashDatabase, inMemory, onPostgres, type Sql } from "./crash-database.ts";
export type { CrashPoint } from "./crash-point.ts";
export {
  effectViolations,
  rerunSteps,
  type WrittenEffect,
} from "./effects-file.ts";
export { everyPair, everyPoint, type PointOptions, type PointReport } from "./every-point.ts";
export { type Killed, type KillOptions, killUntilDone } from "./kill-until-done.ts";
export { killsItself, type Moment } from "./kills-itself.ts";
export { type MortalOptions, type MortalStore, mortalStore } from "./mortal-store.ts";
export { processesOf } from "./processes-of.ts";
export type { CrashProcess, People, Scenario } from "./scenario.ts";
export { type Survived, type SurviveOptions, survive } from "./survive.ts";
