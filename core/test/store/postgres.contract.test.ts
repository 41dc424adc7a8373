import { testDatabase } from "../support/test-database.ts";
import { describeStore } from "./contract/describe-store.ts";

const database = testDatabase();

describeStore(
  "the store on Postgres",
  async () => ({
    store: await database.open(),
    another: () => database.open(),
    async expire(workerId) {
      // A short lease: the server may have come up just now.
      await database.pool.query(
        `update holdfast.workers
         set beat_at = now() - interval '2 ms', expires_at = now() - interval '1 ms'
         where worker_id = $1`,
        [workerId],
      );
    },
  }),
  { programs: 40 },
);
