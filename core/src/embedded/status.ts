// What there is, without starting, creating or joining anything.
import { existsSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { findLayout, homeDirectory } from "./home.ts";
import type { Layout } from "./layout.ts";
import { readPostmaster } from "./postmaster.ts";
import { connect, PRESENT } from "./presence.ts";
import { serverUrl } from "./server-url.ts";
import { stopOnPurpose } from "./stop.ts";

export interface EmbeddedStatus {
  /** `none`: nothing was made here yet. */
  readonly state: "none" | "stopped" | "running";
  /** The directory of the cluster. */
  readonly dir: string;
  /** Stays up when the last process leaves. */
  readonly kept: boolean;
  readonly server: RunningServer | undefined;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Processes of this project that are attached. */
  readonly processes: number;
  /** All other connections: pools of those processes, psql and so on. */
  readonly connections: number;
  /** With the password. Not enumerable. */
  readonly url: string;
}

/** Never starts anything. A server that does not answer counts as stopped. */
export async function embeddedStatus(
  options: { readonly dir?: string | undefined } = {},
): Promise<EmbeddedStatus> {
  const layout = await findLayout(homeDirectory(options.dir));
  const server = await askServer(layout).catch(() => undefined);
  return {
    state: server ? "running" : existsSync(layout.cluster) ? "stopped" : "none",
    dir: layout.cluster,
    kept: existsSync(layout.keep),
    server,
  };
}

/**
 * Stops the server until someone starts it again; attached processes lose their connections and do
 * not restart it. Resolves to whether one was running.
 */
export async function stopEmbedded(
  options: { readonly dir?: string | undefined } = {},
): Promise<boolean> {
  const layout = await findLayout(homeDirectory(options.dir));
  return existsSync(layout.cluster) && (await stopOnPurpose(layout));
}

interface Answer {
  readonly data: string;
  readonly version: string;
  readonly processes: number;
  readonly connections: number;
}

async function askServer(layout: Layout): Promise<RunningServer | undefined> {
  const found = await readPostmaster(layout.data);
  if (!found) return undefined;
  const password = (await readFile(layout.password, "utf8")).trim();
  const address = { host: "127.0.0.1", port: found.port, password };
  const client = await connect(address, "holdfast status");
  try {
    const { rows } = await client.query<Answer>(
      `select current_setting('data_directory') as data,
              split_part(current_setting('server_version'), ' ', 1) as version,
              count(*) filter (where application_name = '${PRESENT}')::int as processes,
              count(*) filter (where application_name <> '${PRESENT}')::int as connections
         from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    const { data, ...answer } = rows[0] as Answer;
    if ((await realpath(data)) !== (await realpath(layout.data))) return undefined;
    const server = { host: address.host, port: found.port, pid: found.pid, ...answer };
    return Object.defineProperty(server as RunningServer, "url", { value: serverUrl(address) });
  } finally {
    await client.end().catch(() => {});
  }
}
