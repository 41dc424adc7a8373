import { expect, it } from "vitest";
import { newId } from "../../src/store/index.ts";
import { processIdentity } from "../../src/store/workers/process-identity.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
const HERE = processIdentity();
/** No process has this number. */
const NOBODY = "4194305/1";

/** A worker whose session is gone, and whose lease is far from over. */
async function silentWorker(process: string | null): Promise<string> {
  const id = newId();
  await database.pool.query(
    `insert into holdfast.workers (worker_id, host, pid, process, lock, beat_at, expires_at)
     values ($1, 'somewhere', 1, $2, 1, now() + interval '59.9 s', now() + interval '60 s')`,
    [id, process],
  );
  return id;
}

it.runIf(HERE)("a process is looked for only where it would be seen", async () => {
  const store = await database.open();
  const [boot, namespace] = HERE!.split("/");
  const whys = async (process: string | null) => {
    const workerId = await silentWorker(process);
    const self = { id: newId(), leaseMs: 60_000, host: "here", pid: 1, process: HERE! };
    const suspects = await store.suspects(self);
    return suspects.filter((suspect) => suspect.workerId === workerId).map(({ why }) => why);
  };
  expect(await whys(`${boot}/${namespace}/${NOBODY}`)).toEqual(["gone"]);
  expect(await whys(HERE!)).toEqual([]);
  expect(await whys(`${boot}/pid:[1]/${NOBODY}`)).toEqual(["silent"]);
  expect(await whys(`another-boot/${namespace}/${NOBODY}`)).toEqual(["silent"]);
  expect(await whys(null)).toEqual(["silent"]);
});
