/** The same insert by PostgreSQL's own load generator, written in C: what the server can do. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { Contender } from "../measure.ts";

const SCRIPT = "insert into plain (run_id, body) values (:client_id, :body);\n";
const DEBIAN = "/usr/lib/postgresql";

/** Path of pgbench, from the PATH or from where Debian keeps it; undefined when there is none. */
export function findPgbench(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted().toReversed() : [];
  return [
    ...debian.map((version) => join(DEBIAN, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ]
    .map((dir) => join(dir, "pgbench"))
    .find((path) => existsSync(path));
}

export async function pgbench(
  program: string,
  url: string,
  clients: number,
  body: string,
): Promise<Contender & { close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  const script = join(dir, "insert.sql");
  await writeFile(script, SCRIPT);
  const env = { ...process.env, ...connectionVariables(url) };
  const flags = ["--no-vacuum", "--protocol=prepared", `--define=body=${body}`];
  const load = [`--client=${clients}`, `--jobs=${Math.min(2, clients)}`, `--file=${script}`];
  return {
    name: `pgbench, clients: ${clients}`,
    async sample(ms) {
      const time = `--time=${Math.max(1, Math.round(ms / 1000))}`;
      const { stdout } = await promisify(execFile)(program, [...flags, ...load, time], { env });
      const rate = /^tps = ([\d.]+) \(without initial/m.exec(stdout)?.[1];
      if (rate === undefined) throw new Error(`pgbench answered something else:\n${stdout}`);
      return { rate: Number(rate), p50: undefined, p99: undefined };
    },
    close: () => rm(dir, { recursive: true }),
  };
}

/** In the environment and not among the arguments, where everyone could read the password. */
function connectionVariables(url: string): NodeJS.ProcessEnv {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url });
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    ...(typeof password === "string" && { PGPASSWORD: password }),
  };
}
