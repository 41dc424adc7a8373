/** A worker of a store in memory: beaten from the main loop, heard of at once. */
import type { NewWorker, Presence, WorkerListener } from "../workers/worker.ts";
import type { MemoryDatabase } from "./memory-database.ts";
import { releaseRunsOf } from "./memory-ready.ts";

export function enterMemory(
  database: MemoryDatabase,
  { leaseMs, ...worker }: NewWorker,
  told: WorkerListener,
): Presence {
  const until = () => new Date(database.now().getTime() + leaseMs);
  database.workers.set(worker.id, { ...worker, beats: 0, expiresAt: until(), serves: undefined });

  const beat = (serves?: string) => {
    const row = database.workers.get(worker.id);
    if (row === undefined) {
      stop();
      told.buried();
      return;
    }
    const kept = serves ?? row.serves;
    const beats = row.beats + 1;
    database.workers.set(worker.id, { ...row, beats, expiresAt: until(), serves: kept });
  };
  const timer = setInterval(beat, leaseMs / 3).unref();
  const stop = () => clearInterval(timer);
  return {
    hearsHints: true,
    async tell(serves) {
      beat(serves);
    },
    certain: () => undefined,
    async leave() {
      stop();
      if (database.workers.delete(worker.id)) releaseRunsOf(database, worker.id);
    },
  };
}
