import { memoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { describeStore } from "./contract/describe-store.ts";

describeStore(
  "the store in memory",
  async () => {
    const database = memoryDatabase();
    return {
      store: openMemoryStore(database),
      another: async () => openMemoryStore(database),
      async expire(workerId) {
        const worker = database.workers.get(workerId);
        if (worker) database.workers.set(workerId, { ...worker, expiresAt: new Date(0) });
      },
    };
  },
  { programs: 1_500 },
);
