// From "there is a directory" to "this process is present on its running server": attach to the
// server that runs, else start it, else make the cluster first. A loop over what the file system
// and the server say now, since other processes do the same at the same time.
import { existsSync } from "node:fs";
import { readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import { locateBinaries } from "./binaries.ts";
import { cleanUp } from "./clean-up.ts";
import { errorCode } from "./file-error.ts";
import { findLayout, prepareHome } from "./home.ts";
import { initialise } from "./initialise.ts";
import { launch, timedOut } from "./launch.ts";
import { type Layout, layoutBelow, POSTGRES_MAJOR } from "./layout.ts";
import { livenessOf, type Postmaster, readPostmaster, removeStalePidFile } from "./postmaster.ts";
import { type Address, arrive, connect, dataDirectoryOf, PRESENT } from "./presence.ts";
import { serviceUser } from "./service-user.ts";

/** How long a server may refuse connections before its pid file is taken for that of another. */
const REFUSAL_MS = 1_000;

/** How long orphaned server processes are given to notice that their postmaster is dead. */
const ORPHANS_MS = 1_000;

export interface Acquired {
  readonly how: "attached" | "started" | "initialised";
  readonly layout: Layout;
  readonly address: Address;
  readonly pid: number;
  readonly client: pg.Client;
}

export interface AcquireOptions {
  readonly home: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** Makes a cluster when there is none. Otherwise its absence is an error. */
  readonly create: boolean;
}

/** Rejects with a HoldfastError when there is no way to a running server within `timeoutMs`. */
export async function acquire(options: AcquireOptions): Promise<Acquired> {
  const deadline = performance.now() + options.timeoutMs;
  let how: Acquired["how"] = "attached";
  let refused: { readonly text: string; readonly since: number } | undefined;

  for (;;) {
    const layout = await findLayout(options.home);
    if (performance.now() > deadline) throw timedOut(layout);

    if (!existsSync(layout.cluster)) {
      await rejectOtherMajors(layout);
      if (!options.create) throw missing(layout);
      const user = await serviceUser(layout.data);
      const prepared = await prepareHome(options.home, user);
      await rejectOtherMajors(prepared);
      if (!existsSync(prepared.cluster) && (await initialise(prepared, user, deadline))) {
        how = "initialised";
        options.logger.info("made an embedded database", { directory: prepared.cluster });
      }
      continue;
    }

    await rejectUnusable(layout);
    const found = await readPostmaster(layout.data);
    const liveness = found ? await livenessOf(found.pid, layout.data) : "gone";
    if (found && (liveness === "running" || liveness === "unknown")) {
      const answer = found.status === "ready" ? await attach(layout, found) : "wait";
      if (typeof answer === "object") return { how, layout, pid: found.pid, ...answer };
      // Where the system does not say whose process it is, the port tells.
      if (refused?.text !== found.text) refused = { text: found.text, since: performance.now() };
      const patience = answer === "refused" ? REFUSAL_MS : Number.POSITIVE_INFINITY;
      const overdue = performance.now() - refused.since > patience;
      if (liveness === "unknown" && (answer === "stranger" || overdue)) {
        await removeStalePidFile(layout.data, found);
      }
      await sleep(20);
      continue;
    }

    if (found && liveness === "other") {
      // Server processes that lost their postmaster need a moment to notice; without the pid file
      // PostgreSQL knows less about them.
      await sleep(ORPHANS_MS);
      await removeStalePidFile(layout.data, found);
    }
    const user = await serviceUser(layout.data);
    const binaries = await locateBinaries(layout, user);
    await rm(layout.stopped, { force: true });
    if ((await launch(layout, binaries, user, deadline)) === "busy") {
      await sleep(50);
      continue;
    }
    if (how === "attached") how = "started";
    options.logger.info("started the embedded database", { directory: layout.cluster });
    await cleanUp(layout, binaries);
  }
}

type Attached = Pick<Acquired, "address" | "client">;

async function attach(
  layout: Layout,
  found: Postmaster,
): Promise<Attached | "wait" | "refused" | "stranger"> {
  const password = (await readFile(layout.password, "utf8")).trim();
  const address: Address = { host: "127.0.0.1", port: found.port, password };
  let client: pg.Client | undefined;
  try {
    client = await connect(address, PRESENT);
    const [actual, expected] = [await dataDirectoryOf(client), await realpath(layout.data)];
    if ((await realpath(actual).catch(() => actual)) !== expected) {
      await client.end();
      return "stranger";
    }
    await arrive(client);
    return { address, client };
  } catch (error) {
    await client?.end().catch(() => {});
    const code = errorCode(error);
    if (code === "ECONNREFUSED") return "refused";
    // Starting up, shutting down, recovering, stopped while we arrived.
    if (/^(57P0[1-3]|ECONNRESET|EPIPE)$|^Connection terminated/.test(code)) return "wait";
    throw new HoldfastError(
      "EMBEDDED_START_FAILED",
      `The embedded PostgreSQL in ${layout.cluster} runs at 127.0.0.1:${found.port} and does not let us in (${code}).`,
      {
        hint: `If the password of its user \`postgres\` was changed, write the new one to ${layout.password}. Otherwise read ${layout.log}.`,
        cause: error,
        details: { directory: layout.cluster, port: found.port },
      },
    );
  }
}

/** A cluster of another major version must not be hidden by a new, empty one. */
async function rejectOtherMajors(layout: Layout): Promise<void> {
  const names = await readdir(layout.base).catch((): string[] => []);
  const found = names.map((name) => /^pg(\d+)$/.exec(name)?.[1]).find((major) => major);
  if (found !== undefined && Number(found) !== POSTGRES_MAJOR) {
    throw incompatible(layoutBelow(layout.base, join(layout.base, `pg${found}`)), found);
  }
}

async function rejectUnusable(layout: Layout): Promise<void> {
  try {
    const version = (await readFile(join(layout.data, "PG_VERSION"), "utf8")).trim();
    if (version !== String(POSTGRES_MAJOR)) throw incompatible(layout, version);
    const { uid } = await stat(layout.data);
    const self = process.getuid?.();
    if (self === undefined || self === 0 || self === uid) return;
    throw notOurs(layout);
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    const code = errorCode(error);
    if (code === "EACCES" || code === "EPERM") throw notOurs(layout, error);
    throw new HoldfastError(
      "EMBEDDED_START_FAILED",
      `${layout.cluster} is not a complete embedded database (${code}).`,
      {
        hint: "Restore it from a backup, or move it away to begin with an empty database.",
        cause: error,
        details: { directory: layout.cluster },
      },
    );
  }
}

function notOurs(layout: Layout, cause?: unknown): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded database in ${layout.cluster} belongs to another user of this machine.`,
    {
      hint: "Run as the user who made it, or set HOLDFAST_HOME to a directory of your own.",
      cause,
      details: { directory: layout.cluster },
    },
  );
}

function missing(layout: Layout): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded database in ${layout.cluster} is gone.`,
    {
      hint: "Restore the directory, or restart the program to begin with an empty database.",
      details: { directory: layout.cluster },
    },
  );
}

function incompatible(layout: Layout, version: string): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_DATA_INCOMPATIBLE",
    `${layout.cluster} holds data of PostgreSQL ${version}; this release of Holdfast brings PostgreSQL ${POSTGRES_MAJOR}.`,
    {
      hint: "Use the release of Holdfast that made it, or move the directory away to begin with an empty database. Moving data between major versions: docs/database.md.",
      details: { directory: layout.cluster, found: version, expected: String(POSTGRES_MAJOR) },
    },
  );
}
