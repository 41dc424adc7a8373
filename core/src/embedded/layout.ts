// Where the files of an embedded database are. Everything that belongs to one cluster stands in one
// directory, `pg18`, which appears by a single rename: it is there as a whole or not at all.
import { join } from "node:path";

/** The major version of the bundled binaries. Its data directory fits no other. */
export const POSTGRES_MAJOR = 18;

export interface Layout {
  /** Holds the cluster, beginnings of clusters (`init-*`) and copies of binaries (`binaries-*`). */
  readonly base: string;
  readonly cluster: string;
  readonly data: string;
  readonly password: string;
  /** The port of the last start, taken again if it is free. */
  readonly port: string;
  readonly log: string;
  /** Marker: keep the server running when the last process has left. */
  readonly keep: string;
  /** Marker: stopped on purpose, so nobody attached restarts it. */
  readonly stopped: string;
}

export function layoutBelow(
  base: string,
  cluster: string = join(base, `pg${POSTGRES_MAJOR}`),
): Layout {
  return {
    base,
    cluster,
    data: join(cluster, "data"),
    password: join(cluster, "password"),
    port: join(cluster, "port"),
    log: join(cluster, "postgres.log"),
    keep: join(cluster, "keep"),
    stopped: join(cluster, "stopped"),
  };
}
