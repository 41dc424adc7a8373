// What becomes of runs when the database answers late, not at all, or only half.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HoldfastError, step } from "../../src/index.ts";
import { type JournalWriter, openMemoryStore, type Store } from "../../src/store/index.ts";
import { processes } from "../runtime/processes.ts";
import { remembering } from "./support.ts";

const { start, database } = processes();
const unavailable = () =>
  new HoldfastError("STORE_UNAVAILABLE", "The database is away.", { hint: "Bring it back." });

/** The store of a process to which something happens: what is given does it instead. */
function storeWith(instead: (store: Store) => Partial<Store>): Store {
  return over(openMemoryStore(database()), instead);
}

function over<T extends object>(target: T, instead: (target: T) => Partial<T>): T {
  const own = instead(target);
  return new Proxy(target, {
    get(_, key) {
      const found: unknown = Reflect.get(key in own ? own : target, key);
      return typeof found === "function" ? found.bind(key in own ? own : target) : found;
    },
  });
}

it("a run that could not be written any more is worked on again by the same worker", async () => {
  let isAway = true;
  const refused = () => {
    const durable = Promise.reject(unavailable());
    durable.catch(() => {});
    return { seq: 1, durable };
  };
  const losing = (writer: JournalWriter): JournalWriter =>
    over(writer, () => ({
      get lost() {
        return isAway ? unavailable() : undefined;
      },
      append: (entry) => (isAway ? refused() : writer.append(entry)),
      putState: (state) => (isAway ? Promise.reject(unavailable()) : writer.putState(state)),
    }));
  let tries = 0;
  const store = storeWith((own) => ({
    async claimReady(order) {
      const ready = await own.claimReady(order);
      const claimed = ready.claimed.map(({ run, writer }) => ({ run, writer: losing(writer) }));
      return { ...ready, claimed };
    },
    // Away for a while longer.
    takeOver: async (...args) => {
      tries += 1;
      if (tries <= 2) throw unavailable();
      isAway = false;
      return own.takeOver(...args);
    },
  }));
  const { logger, lines } = remembering();
  await start({ store, logger }).serve({ app: async (n: number) => step("s", async () => n) });
  const run = await start().start("app", 5);
  expect(await run.result()).toBe(5);
  expect(tries).toBe(3);
  expect(lines("warn").filter((line) => line.includes("Could not let go"))).toHaveLength(2);
});

it("a run that could not be let go of at once is not taken from who has it by then", async () => {
  let isAway = false;
  let looks = 0;
  const isTriedAgain = Promise.withResolvers<void>();
  const store = storeWith((own) => ({
    said: async (runId) => {
      isAway = looks === 0;
      if (isAway) throw unavailable();
      return own.said(runId);
    },
    // What is asked to let go of it.
    standings: async (runIds) => {
      looks += 1;
      if (isAway) throw unavailable();
      setTimeout(isTriedAgain.resolve, 50);
      return own.standings(runIds);
    },
  }));
  const runtime = start({ store });
  let bodies = 0;
  const app = async (_: null) =>
    step("pay", async () => {
      bodies += 1;
      await isTriedAgain.promise;
      return bodies;
    });
  const ask = () => runtime.run(app, null, { durable: { runId: "r" } });
  await expect(ask()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect.poll(() => looks).toBe(1);
  expect(await ask()).toBe(1);
  expect([bodies, looks]).toEqual([1, 2]);
});

it("a run that its worker is granted while it is claimed by its id is done once", async () => {
  const claimed = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const isHeard = Promise.withResolvers<void>();
  const store = storeWith((own) => ({
    async claimReady(order) {
      const ready = await own.claimReady(order);
      if (ready.claimed.length === 0) return ready;
      claimed.resolve();
      await told.promise;
      setTimeout(isHeard.resolve, 50);
      return ready;
    },
  }));
  const { logger, lines } = remembering();
  const runtime = start({ store, logger });
  let bodies = 0;
  const app = async (_: null) =>
    step("pay", async () => {
      bodies += 1;
      told.resolve();
      await isHeard.promise;
      return bodies;
    });
  await runtime.serve({ app });
  await start().start("app", null, { durable: { runId: "r" } });
  await claimed.promise;
  expect(await runtime.run(app, null, { durable: { runId: "r" } })).toBe(1);
  expect(lines("error")).toEqual([]);
});

it("a run whose journal could not be read is tried again a while later", async () => {
  let reads = 0;
  const store = storeWith((own) => ({
    waits: async (runId) => {
      reads += 1;
      if (reads === 1) throw new Error("The disk is gone.");
      return own.waits(runId);
    },
  }));
  await start({ store }).serve({ app: async (n: number) => n });
  const run = await start().start("app", 5);
  await expect
    .poll(async () => (await run.status()).why)
    .toMatchObject({
      reason: "back-off",
      explanation: "The disk is gone.",
    });
  expect(await run.result()).toBe(5);
});

it("trouble with the database is logged once, and that it is over", async () => {
  let isAway = true;
  const away = async <T>(ask: () => Promise<T>) => {
    if (isAway) throw unavailable();
    return ask();
  };
  const store = storeWith((own) => ({
    claimReady: (order) => away(() => own.claimReady(order)),
    suspects: (of) => away(() => own.suspects(of)),
  }));
  const { logger, lines } = remembering();
  await start({ store, logger }).serve({ app: async (n: number) => n });
  await sleep(700);
  const of = (text: string) => lines("warn").filter((line) => line.includes(text)).length;
  expect([of("for runs"), of("for dead workers")]).toEqual([1, 1]);
  isAway = false;
  expect(await (await start().start("app", 5)).result()).toBe(5);
  await expect.poll(() => lines("info").filter((line) => line.includes("is over"))).toHaveLength(2);
});

it("a runtime closes though the database does not answer, when its patience is over", async () => {
  const asked = Promise.withResolvers<void>();
  const claimReady = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const runtime = start({ store: storeWith(() => ({ claimReady })) });
  await runtime.serve({ app: async (n: number) => n });
  await asked.promise;
  await runtime.close({ grace: 50 });
});

it("a runtime closes without its database, if that takes nothing any more, and says so", async () => {
  const never = () => new Promise<never>(() => {});
  const store = storeWith((own) => ({
    async claimReady(order) {
      const ready = await own.claimReady(order);
      const claimed = ready.claimed.map(({ run, writer }) => ({
        run,
        writer: over(writer, () => ({ putState: never })),
      }));
      return { ...ready, claimed };
    },
    enter: async (worker, told) => ({
      ...(await own.enter(worker, told)),
      hearsHints: true,
      leave: () => Promise.reject(unavailable()),
    }),
  }));
  const { logger, lines } = remembering();
  const runtime = start({ store, logger });
  let hasBegun = false;
  await runtime.serve({
    app: async () => {
      hasBegun = true;
      return 1;
    },
  });
  await start().start("app", null);
  await expect.poll(() => hasBegun).toBe(true);
  await runtime.close({ grace: 0 });
  expect(lines("warn").join()).toContain("closed without its database");
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("a run that was claimed and nobody was told is found, and let go of", async () => {
  let claims = 0;
  const store = storeWith((own) => ({
    async claimReady(order) {
      const ready = await own.claimReady(order);
      claims += ready.claimed.length;
      // The answer is lost; asked again, there is nothing to claim.
      if (claims === 1 && ready.claimed.length === 1) return { ...ready, claimed: [] };
      return ready;
    },
  }));
  const { logger, lines } = remembering();
  await start({ store, logger }).serve({ app: async (n: number) => n });
  const run = await start().start("app", 5);
  await expect.poll(() => claims).toBe(1);
  for (let look = 0; look < 2; look += 1) {
    expect((await run.status()).status).toBe("running");
    await vi.advanceTimersByTimeAsync(10_000);
  }
  vi.useRealTimers();
  expect(await run.result()).toBe(5);
  expect(lines("warn").join()).toContain("nobody worked on it");
});
