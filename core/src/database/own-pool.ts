// A pool of Holdfast's own. Invariants: no query runs on a connection before its session is set up
// (pg-pool hands a client out after `onConnect` has resolved); a lost connection is logged and never
// ends the process; idle connections do not keep it alive.
import pg from "pg";
import type { Logger } from "../logger.ts";
import { makeDurable } from "./durability.ts";
import type { Target } from "./target.ts";
import { withUnnamedStatements } from "./unnamed-statements.ts";

export interface OwnPoolOptions {
  readonly max: number;
  /** Send queries without waiting for the answers to earlier ones. Default: false. */
  readonly pipeline?: boolean;
  /** Plan each prepared statement once, for any values. Default: false, as Postgres sees fit. */
  readonly planOnce?: boolean;
  /**
   * How long a query may take, in milliseconds, before its connection is given up: what leads nowhere
   * otherwise looks for a quarter of an hour as if it were slow. Default: no limit.
   */
  readonly answerMs?: number;
}

/** What is allowed on the connections to a database. */
export interface Manners {
  /** They may be shared with others, so that nothing is set on them. */
  readonly shared: boolean;
  /** Statements are sent without their names. */
  readonly unnamed: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

export function ownPool(
  target: Target,
  purpose: string,
  { max, pipeline = false, planOnce = false, answerMs }: OwnPoolOptions,
  { shared, unnamed }: Manners,
  logger: Logger,
): pg.Pool {
  const Client = unnamed ? withUnnamedStatements(target.Client) : target.Client;
  const pool = new pg.Pool({
    max,
    allowExitOnIdle: true,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    ...target.lifetime,
    // Not an option of the pool, which would also limit how long a caller may queue for a client.
    Client: clientOf(Client, target, {
      application_name: `holdfast ${purpose}`,
      pipeline,
      ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
    }),
    onConnect: async (client) => {
      // One loss can show as several errors, and the last must not be without a listener.
      client.once("error", (error) =>
        logger.warn("lost a database connection", { purpose, error }),
      );
      client.on("error", () => {});
      await target.onConnect?.(client);
      if (shared) return;
      await makeDurable(client, CONNECT_TIMEOUT_MS);
      if (planOnce) await client.query("set plan_cache_mode = force_generic_plan");
    },
  });
  // Each client reports its own loss; without a listener here it would be thrown.
  pool.on("error", () => {});
  return pool;
}

function clientOf(
  Client: typeof pg.Client,
  target: Target,
  own: pg.ClientConfig,
): typeof pg.Client {
  return class extends Client {
    constructor() {
      super(
        withOptions(
          { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAliveInitialDelayMillis: 10_000 },
          target.options(),
          { ...own, keepAlive: true },
        ),
      );
    }
  };
}

/** Later options win. Copies properties as they are: a password may be hidden from enumeration. */
function withOptions(...all: pg.ClientConfig[]): pg.ClientConfig {
  const merged = {};
  for (const options of all) {
    Object.defineProperties(
      merged,
      Object.getOwnPropertyDescriptors(options) as PropertyDescriptorMap,
    );
  }
  return merged;
}
