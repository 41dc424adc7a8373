/** How busy a server is: its transactions, the time of its processes, its connections. */
import { readdirSync, readFileSync } from "node:fs";
import { ask } from "./bench-server.ts";

export interface ServerLoad {
  /** Of this database, as `pg_stat_database` counts them. A statement that stands alone is one. */
  readonly transactions: number;
  /** Milliseconds of all processes of the server; nothing if it is on another machine or system. */
  readonly cpuMs: number | undefined;
}

export async function serverLoad(url: string): Promise<ServerLoad> {
  const [row] = await ask<{ transactions: number; checkpointer: number }>(
    url,
    `select (xact_commit + xact_rollback)::float8 as transactions,
            (select pid from pg_stat_activity where backend_type = 'checkpointer') as checkpointer
     from pg_stat_database where datname = current_database()`,
  );
  const { transactions, checkpointer } = row!;
  const isHere = ["127.0.0.1", "localhost"].includes(new URL(url).hostname);
  return { transactions, cpuMs: isHere ? cpuMsOfFamily(checkpointer) : undefined };
}

/** Connections of workers by their purpose, which each says in its name. */
export async function connections(url: string): Promise<ReadonlyMap<string, number>> {
  const rows = await ask<{ name: string; count: number }>(
    url,
    `select application_name as name, count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name like 'holdfast %'
     group by 1 order by 1`,
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

const TICKS_A_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly own: number;
  /** Of its children that have ended. */
  readonly ended: number;
}

/** Of a process's parent and everything that has or had the same parent. */
function cpuMsOfFamily(child: number): number | undefined {
  const parent = timesOf(child)?.parent;
  const head = parent === undefined ? undefined : timesOf(parent);
  if (head === undefined) return undefined;
  let ticks = head.own + head.ended;
  for (const name of readdirSync("/proc")) {
    const times = /^\d+$/.test(name) ? timesOf(Number(name)) : undefined;
    if (times?.parent === parent) ticks += times!.own;
  }
  return (ticks / TICKS_A_SECOND) * 1000;
}

function timesOf(pid: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Its name, in parentheses, may hold anything. After it: state, parent, and times from the 12th on.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15);
    return { parent: fields[1]!, own: user! + system!, ended: endedUser! + endedSystem! };
  } catch {
    return undefined;
  }
}
