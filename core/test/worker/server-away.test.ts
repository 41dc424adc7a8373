// What becomes of runs when their server is away for longer than a lease: nothing.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";
import { Runtime, step } from "../../src/index.ts";
import { openStore } from "../../src/store/index.ts";
import { heldBody } from "../run/attempts.ts";
import { remembering } from "./support.ts";

const LEASE_MS = 1_000;

it("a worker keeps its runs through a restart of Postgres that takes longer than its lease", async () => {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-away-"));
  await chmod(dir, 0o755); // Open, or the cluster of a root user is put elsewhere.
  let server = await startEmbedded({ dir });
  const { logger, lines } = remembering();
  const runtimes: Runtime[] = [];
  try {
    const database = server.url;
    const serving = () => {
      const runtime = new Runtime({ database, lease: LEASE_MS, logger });
      runtimes.push(runtime);
      return runtime;
    };
    const [first, second] = [heldBody<number>(), heldBody<number>()];
    const app = async () => (await step("a", first.body)) + (await step("b", second.body));
    const [one, two] = [serving(), serving()];
    await one.serve({ app });
    const run = await one.start("app", null);
    await first.begun;
    await two.serve({ app });

    await stopEmbedded({ dir });
    // A body that ends meanwhile has its result written when the server is back.
    first.end(1);
    await sleep(2 * LEASE_MS);
    await server.close();
    server = await startEmbedded({ dir });
    expect(server.url).toBe(database);
    await second.begun;
    await sleep(2 * LEASE_MS);
    second.end(2);
    expect(await run.result()).toBe(3);
    expect([first.times, second.times]).toEqual([1, 1]);

    const store = await openStore({ database });
    expect(await store.run(run.id)).toMatchObject({ epoch: 1, status: "completed" });
    await store.close();
    expect(lines("warn").filter((line) => line.includes("was taken for dead"))).toEqual([]);
    expect(lines("warn").length).toBeLessThan(20);
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.close({ grace: 0 })));
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
});
