import { describeStore } from "../store/contract/describe-store.ts";
import { expireWorker } from "../support/expire-worker.ts";
import { testDatabase } from "../support/test-database.ts";
import { pgbouncer } from "./support/pgbouncer.ts";

const pooler = pgbouncer({ mode: "transaction", connections: 4 });
const database = testDatabase();
const open = () =>
  database.open({ database: pooler.through(database.url), directDatabase: database.url });

describeStore(
  "the store on Postgres through a pooler",
  async () => ({
    store: await open(),
    another: open,
    expire: (workerId) => expireWorker(database.pool, workerId),
  }),
  { programs: 10 },
);
