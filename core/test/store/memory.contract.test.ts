import { memoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { describeStore } from "./contract/describe-store.ts";

describeStore(
  "the store in memory",
  async () => {
    const database = memoryDatabase();
    return {
      store: openMemoryStore(database),
      another: async () => openMemoryStore(database),
    };
  },
  { programs: 1_500 },
);
