/**
 * A worker process of the chaos: serves the app on the database that the environment names. It loads
 * everything, says so, and waits for a line before it serves, so that it can stand by for one that dies.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type ErrorCode, HoldfastError, type Logger, Runtime } from "@holdfast/core";
import { chaosApp } from "./chaos-app.ts";
import { tell } from "./happening.ts";
import { APP } from "./program.ts";
import { WORKER_ORDER, type WorkerOrder } from "./worker-order.ts";

const OUTAGES: ReadonlySet<ErrorCode> = new Set(["DATABASE_UNREACHABLE", "STORE_UNAVAILABLE"]);

const say = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
  const error = fields?.error ?? fields?.reason;
  const reason = error === undefined ? "" : ` (${error instanceof Error ? error.message : error})`;
  tell({ is: "says", level, message: message + reason });
};
const logger: Logger = {
  debug: () => {},
  info: say("info"),
  warn: say("warn"),
  error: say("error"),
};

const { concurrency, options } = JSON.parse(process.env[WORKER_ORDER]!) as WorkerOrder;
const runtime = new Runtime({ ...options, logger });
tell({ is: "loaded" });
await once(process.stdin, "data");
process.stdin.destroy();
for (;;) {
  try {
    await runtime.serve({ [APP]: chaosApp(runtime) }, { concurrency });
    break;
  } catch (error) {
    // As whoever restarts a service would, until the database is there.
    if (!HoldfastError.is(error) || !OUTAGES.has(error.code)) throw error;
    await delay(100);
  }
}
tell({ is: "serving" });
