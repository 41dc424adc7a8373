export { type AppendLimits, DEFAULT_APPEND_LIMITS } from "./append/appender.ts";
export type { DeployedApp } from "./apps/deployed-app.ts";
export type { SessionState, StoredSession } from "./content/session.ts";
export type { ListId, Value } from "./content/value.ts";
export type { Control, ControlCursor, Heard, NewControl, Said } from "./control/control.ts";
export type { Hint } from "./hints/hint.ts";
export { BUCKETS, bucketOf, idOfKey, isNameId, newId } from "./id.ts";
export type { Entry, NewEntry } from "./journal/entry.ts";
export type { Appended, JournalWriter, RunState } from "./journal/journal-writer.ts";
export { type MemoryDatabase, memoryDatabase } from "./memory/memory-database.ts";
export { openMemoryStore } from "./memory/memory-store.ts";
export { openStore, type StoreOptions } from "./open-store.ts";
export type { Amending, Claim, ReadyOrder, ReadyRuns, Served } from "./runs/claim.ts";
export type { MadeRun, NewRun, Opening, Run, RunFilter, RunStatus, Standing } from "./runs/run.ts";
export type { ReadOptions, Store } from "./store.ts";
export type { NewWait, OpenWait, Wait, WaitForEnd } from "./waits/wait.ts";
export type {
  NewWorker,
  Presence,
  Suspect,
  WorkerListener,
  WorkerState,
} from "./workers/worker.ts";
