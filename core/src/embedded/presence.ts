// The idle connection by which the server knows that a process uses it. Two advisory rules make
// "last one out stops the server" safe:
// - who arrives takes the lock shared for a moment, so it is seen by whoever looks afterwards, and
//   waits while someone decides;
// - who leaves first says so in its application_name, then takes the lock exclusively, looks, and
//   stops the server while holding it. The last to get the lock sees only others that leave.
import pg from "pg";

export const PRESENT = "holdfast presence";
const LEAVING = "holdfast leaving";

/** Two numbers no other advisory lock of Holdfast uses. */
const LOCK = "1212962916, 1";

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** A connection to whichever server listens there. Rejects as `pg` does. */
export async function connect(address: Address, name: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    user: "postgres",
    password: address.password,
    database: "postgres",
    application_name: name,
    ssl: false,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a lost connection would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** Whether an open connection keeps this process from ending by itself. */
export function holdProcess(client: pg.Client, hold: boolean): void {
  // `pg` has had both for years; its types do not know them.
  const socket = client as pg.Client & { ref(): void; unref(): void };
  if (hold) socket.ref();
  else socket.unref();
}

/** The data directory of the server at the other end: tells ours from any other. */
export async function dataDirectoryOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ data: string }>(
    "select current_setting('data_directory') as data",
  );
  return rows[0]?.data ?? "";
}

/** Returns when nobody is deciding to stop the server; rejects if it was stopped. */
export async function arrive(client: pg.Client): Promise<void> {
  await client.query(`select pg_advisory_lock_shared(${LOCK}), pg_advisory_unlock_shared(${LOCK})`);
}

/** Decides, alone, whether anyone is left. The decision holds until the connection ends. */
export async function isLastOneOut(client: pg.Client, patienceMs: number): Promise<boolean> {
  await client.query(`set application_name = '${LEAVING}'`);
  await client.query(`select pg_advisory_lock(${LOCK})`);
  const end = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ present: number; others: number }>(
      `select count(*) filter (where application_name = '${PRESENT}')::int as present,
              count(*) filter (where application_name not in ('${PRESENT}', '${LEAVING}'))::int as others
         from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    const { present = 0, others = 0 } = rows[0] ?? {};
    if (present > 0) return false;
    if (others === 0) return true;
    // Connections of this very process that were just closed take a moment to disappear.
    if (performance.now() > end) return false;
    await client.query("select pg_sleep(0.02)");
  }
}
