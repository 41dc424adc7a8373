// From "there is a directory" to "this process is present on its running server": attach to the
// server that runs, else start it, else make the cluster first. A loop over what the file system
// and the server say now, since other processes do the same at the same time.
import { existsSync } from "node:fs";
import { realpath, rm } from "node:fs/promises";
import type pg from "pg";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import { locateBinaries } from "./binaries.ts";
import { missing, openCluster, rejectOtherMajors, stopped } from "./check-cluster.ts";
import { cleanUp } from "./clean-up.ts";
import { explainFailure } from "./explain-failure.ts";
import { errorCode } from "./file-error.ts";
import { findLayout, prepareHome } from "./home.ts";
import { initialise } from "./initialise.ts";
import { launch, timedOut } from "./launch.ts";
import type { Layout } from "./layout.ts";
import { isOver, type Patience, pause } from "./patience.ts";
import {
  type Liveness,
  livenessOf,
  type Postmaster,
  readPostmaster,
  removePidFile,
} from "./postmaster.ts";
import { type Address, arrive, connect, dataDirectoryOf, PRESENT } from "./presence.ts";
import { serviceUser } from "./service-user.ts";
import { type StartTurn, takeStartTurn } from "./start-turn.ts";

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
  readonly patience: Patience;
  readonly logger: Logger;
  /** Makes a cluster when there is none, and starts one that was stopped on purpose. */
  readonly create: boolean;
}

/** Rejects with a HoldfastError when there is no way to a running server in the time allowed. */
export async function acquire(options: AcquireOptions): Promise<Acquired> {
  const { patience, logger } = options;
  let how: Acquired["how"] = "attached";
  let refusal: Refusal | undefined;

  for (;;) {
    const layout = await findLayout(options.home);
    if (isOver(patience)) throw timedOut(layout);

    if (!existsSync(layout.cluster)) {
      if (!options.create) throw missing(layout);
      if (await create(options)) how = "initialised";
      continue;
    }

    const password = await openCluster(layout);
    if (options.create) await rm(layout.stopped, { force: true });
    const found = await readPostmaster(layout.data);
    const liveness = found ? await livenessOf(found.pid, layout.data) : "gone";
    if (found && (liveness === "running" || liveness === "unknown")) {
      const answer = found.status === "ready" ? await attach(layout, found, password) : "wait";
      if (typeof answer === "object") return { how, layout, pid: found.pid, ...answer };
      // Where the system does not say whose process it is, the port tells.
      const isRefused = liveness === "unknown" && answer === "refused";
      refusal = isRefused ? (refusal ?? { since: performance.now() }) : undefined;
      const isForLong = refusal !== undefined && performance.now() - refusal.since > REFUSAL_MS;
      const isStranger = liveness === "unknown" && answer === "stranger";
      if (!isForLong && !isStranger) {
        await pause(patience, 20);
        continue;
      }
    }

    const started = await start(layout, { found, liveness }, patience);
    if (started && how === "attached") how = "started";
    if (started) logger.info("started the embedded database", { directory: layout.cluster });
    else await pause(patience, 50);
  }
}

interface Refusal {
  readonly since: number;
}

/** Resolves to whether this process made the cluster. */
async function create({ home, patience, logger }: AcquireOptions): Promise<boolean> {
  const expected = await findLayout(home);
  await rejectOtherMajors(expected);
  const layout = await prepareHome(home, await serviceUser(expected.data));
  await rejectOtherMajors(layout);
  if (existsSync(layout.cluster) || !(await initialise(layout, patience))) return false;
  logger.info("made an embedded database", { directory: layout.cluster });
  return true;
}

/** What was found of a server that does not run. */
interface Remains {
  readonly found: Postmaster | undefined;
  readonly liveness: Liveness;
}

/** Resolves to whether this process started the server; false if another is about to, or ends. */
async function start(layout: Layout, remains: Remains, patience: Patience): Promise<boolean> {
  try {
    const turn = await takeStartTurn(layout, patience);
    if (turn === undefined) return false;
    try {
      return await startInTurn(layout, remains, patience, turn);
    } finally {
      await turn.end();
    }
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    throw await explainFailure(layout, errorCode(error), "could not be started", error);
  }
}

async function startInTurn(
  layout: Layout,
  { found, liveness }: Remains,
  patience: Patience,
  turn: StartTurn,
): Promise<boolean> {
  // Server processes that lost their postmaster need a moment to notice; without the pid file
  // PostgreSQL knows less about them.
  if (liveness === "other") await pause(patience, ORPHANS_MS);
  if ((await readPostmaster(layout.data))?.text !== found?.text) return false; // Started meanwhile.
  if (liveness !== "gone") {
    if (!turn.announce()) return false;
    removePidFile(layout.data);
  }
  if (existsSync(layout.stopped)) throw stopped(layout);
  const user = await serviceUser(layout.data);
  const binaries = await locateBinaries(layout, user);
  if ((await launch(layout, binaries, user, patience, turn)) === "busy") return false;
  await cleanUp(layout, binaries);
  return true;
}

type Attached = Pick<Acquired, "address" | "client">;

async function attach(
  layout: Layout,
  found: Postmaster,
  password: string,
): Promise<Attached | "wait" | "refused" | "stranger"> {
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
    // Starting up, shutting down, recovering, stopped while we arrived, too busy to answer.
    if (/^(57P0[1-3]|ECONNRESET|EPIPE)$|^Connection terminated|^timeout/.test(code)) return "wait";
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
