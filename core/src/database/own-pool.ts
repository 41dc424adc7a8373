// A pool of Holdfast's own. Invariants: no query runs on a connection before its session is set up
// (pg-pool hands a client out after `onConnect` has resolved); a lost connection is logged and never
// ends the process; idle connections do not keep it alive.
import pg from "pg";
import type { Logger } from "../logger.ts";
import type { Target } from "./target.ts";

export interface OwnPoolOptions {
  readonly max: number;
  /** Send queries without waiting for the answers to earlier ones. Default: false. */
  readonly pipeline?: boolean;
  /** Plan each prepared statement once, for any values. Default: false, as Postgres sees fit. */
  readonly planOnce?: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

// What was acknowledged must be on disk, whatever the role or the database sets. `remote_apply`
// promises more than `on` and stays.
const DURABLE = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') <> 'remote_apply'`;

export function ownPool(
  target: Target,
  purpose: string,
  { max, pipeline = false, planOnce = false }: OwnPoolOptions,
  logger: Logger,
): pg.Pool {
  const pool = new pg.Pool({
    max,
    allowExitOnIdle: true,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    ...target.lifetime,
    // Not an option of the pool, which would also limit how long a caller may queue for a client.
    Client: clientOf(target, { application_name: `holdfast ${purpose}`, pipeline }),
    onConnect: async (client) => {
      // One loss can show as several errors, and the last must not be without a listener.
      client.once("error", (error) =>
        logger.warn("lost a database connection", { purpose, error }),
      );
      client.on("error", () => {});
      await target.onConnect?.(client);
      const durable = { text: DURABLE, query_timeout: CONNECT_TIMEOUT_MS };
      await client.query(durable);
      if (planOnce) await client.query("set plan_cache_mode = force_generic_plan");
    },
  });
  // Each client reports its own loss; without a listener here it would be thrown.
  pool.on("error", () => {});
  return pool;
}

function clientOf(target: Target, own: pg.ClientConfig): typeof pg.Client {
  return class extends target.Client {
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
