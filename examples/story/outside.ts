/** The world outside takes a while, and a ledger knows everything that ever happened in it. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export async function outside<T>(what: string, result: T): Promise<T> {
  await sleep(400);
  appendFileSync(process.env.LEDGER!, `${what} (worker ${process.pid})\n`);
  return result;
}
