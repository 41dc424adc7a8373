export { type AppendLimits, DEFAULT_APPEND_LIMITS } from "./append/appender.ts";
export { BUCKETS, bucketOf, idOfKey, newId } from "./id.ts";
export { type MemoryDatabase, memoryDatabase } from "./memory/memory-database.ts";
export { openMemoryStore } from "./memory/memory-store.ts";
export { openStore, type StoreOptions } from "./open-store.ts";
export type {
  Appended,
  Claim,
  Control,
  ControlCursor,
  Entry,
  Heard,
  JournalWriter,
  ListId,
  NewControl,
  NewEntry,
  NewRun,
  NewWait,
  OpenWait,
  Run,
  RunState,
  RunStatus,
  Said,
  SessionState,
  Store,
  StoredSession,
  Value,
  Wait,
  Worker,
} from "./store.ts";
