import { expireWorker } from "../support/expire-worker.ts";
import { testDatabase } from "../support/test-database.ts";
import { describeStore } from "./contract/describe-store.ts";

const database = testDatabase();

describeStore(
  "the store on Postgres",
  async () => ({
    store: await database.open(),
    another: () => database.open(),
    expire: (workerId) => expireWorker(database.pool, workerId),
  }),
  { programs: 40 },
);
