import { describe, expect, it } from "vitest";
import type { Adapter } from "../../src/adapter/index.ts";
import { askOrLeave } from "../../src/adapter/index.ts";
import { HoldfastError, Runtime, sleep, step, waitForApproval } from "../../src/index.ts";
import { type JournalWriter, openMemoryStore, type Store } from "../../src/store/index.ts";
import { processes } from "./processes.ts";

const { start, database } = processes();
const options = { durable: { runId: "r" } };

/** The store of a process to which something happens: what is given does it instead. */
function storeWith(instead: (store: Store) => Partial<Store>): Store {
  const store = openMemoryStore(database());
  const own = instead(store);
  return new Proxy(store, {
    get(target, key) {
      const found: unknown = Reflect.get(key in own ? own : target, key);
      return typeof found === "function" ? found.bind(key in own ? own : target) : found;
    },
  });
}

const cycle = () => {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
};

describe("a run that cannot go on here", () => {
  it("has failed if its output cannot be stored, for everybody", async () => {
    const app = async (_: null) => cycle();
    const running = start().run(app, null, options);
    await expect(running).rejects.toMatchObject({ code: "VALUE_NOT_ENCODABLE" });
    await expect(start().run(app, null, options)).rejects.toMatchObject({
      code: "VALUE_NOT_ENCODABLE",
    });
    const other = await start().start(app, null);
    await expect(other.result()).rejects.toMatchObject({ code: "VALUE_NOT_ENCODABLE" });
  });

  it("is free for another process if this one could not read its journal", async () => {
    const store = storeWith(() => ({
      waits: () => Promise.reject(new Error("The disk is gone.")),
    }));
    const app = async (_: null) => "done";
    await expect(start({ store }).run(app, null, options)).rejects.toThrow("The disk is gone.");
    expect(await start().run(app, null, options)).toBe("done");
  });

  it("is not executed again and again if the database refuses what it writes", async () => {
    const refusal = new HoldfastError("STORE_REFUSED_ROW", "The database refused an entry.", {
      hint: "Mend what it names.",
    });
    let bodies = 0;
    const app = async (_: null) => step("pay", async () => ++bodies);
    const store = storeWith((own) => ({
      async claim(...args) {
        const claim = await own.claim(...args);
        return claim.is === "mine"
          ? { is: "mine", writer: refusing(claim.writer, refusal) }
          : claim;
      },
    }));
    const running = start({ store }).run(app, null, options);
    await expect(running).rejects.toMatchObject({ code: "STORE_REFUSED_ROW" });
    expect(bodies).toBe(1);
  });

  it("is not made if its app cannot be run", async () => {
    const app = { name: "too old" };
    const adapter: Adapter = {
      name: "old",
      supported: "2",
      recognises: (found) => found === app,
      nameOf: () => "old",
      install: () => {
        throw new Error("Version 1 is not supported.");
      },
      execute: async () => ({ is: "ended", output: undefined }),
    };
    const runtime = start({ adapters: [adapter] });
    const started = runtime.start(app as never, null as never, options);
    await expect(started).rejects.toThrow("Version 1 is not supported.");
    await expect(runtime.handle("r").status()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});

it("a runtime that cannot enter as a worker can be used when the database is back", async () => {
  let isAway = true;
  const store = storeWith((own) => ({
    enter: (...args) => (isAway ? Promise.reject(new Error("It is away.")) : own.enter(...args)),
  }));
  const runtime = start({ store });
  const app = async (_: null) => "done";
  await expect(runtime.run(app, null)).rejects.toThrow("It is away.");
  isAway = false;
  expect(await runtime.run(app, null)).toBe("done");
});

it("a wait that falls due later than a timer of Node can run does not fall due at once", async () => {
  const days = 24 * 3600 * 1000;
  const app = async (_: null) =>
    Promise.race([
      sleep(30 * days),
      step("b", async () => "b"),
      step("c", never, { timeout: 30 * days }),
    ]);
  expect(await start().run(app, null)).toBe("b");
  const slow = () => new Promise((resolve) => setTimeout(() => resolve("slow"), 20));
  const patient = async (_: null) => step("slow", slow, { timeout: Number.POSITIVE_INFINITY });
  expect(await start().run(patient, null)).toBe("slow");
});

it("an app that changes its input is given the recorded one when it is executed again", async () => {
  const app = async (input: { n: number }) => {
    input.n += 1;
    await step("a", async () => input.n, { input: input.n });
    await waitForApproval("go on");
    return input.n;
  };
  const running = start().run(app, { n: 0 }, options);
  const handle = start().handle("r");
  await expect
    .poll(async () => (await handle.status().catch(() => undefined))?.status)
    .toBe("waiting");
  await handle.approve();
  expect(await running).toBe(1);
});

it("who wants the end of a run gets it, though another here wants only its first pause", async () => {
  const app = { asks: true };
  const adapter: Adapter = {
    name: "asking",
    supported: "*",
    recognises: (found) => found === app,
    nameOf: () => "asking",
    install: () => {},
    async execute({ run }) {
      const answer = await askOrLeave(run, { kind: "input", name: "how many" });
      return answer === undefined
        ? { is: "left", output: "paused" }
        : { is: "ended", output: answer.value };
    },
  };
  const runtime = start({ adapters: [adapter] });
  const paused = runtime.run(app as never, null as never, options);
  const handle = await runtime.start(app as never, null as never, options);
  expect(await paused).toBe("paused");
  await handle.respond(undefined, 42);
  expect(await handle.result()).toBe(42);
});

describe("close()", () => {
  it("lets go of a run whose journal is being read", async () => {
    let closing: Promise<void> | undefined;
    const store = storeWith((own) => ({
      said(...args) {
        closing ??= runtime.close();
        return own.said(...args);
      },
    }));
    const runtime = new Runtime({ store });
    const app = async (_: null) => step("long", never);
    await expect(runtime.run(app, null)).rejects.toMatchObject({ code: "RUNTIME_CLOSED" });
    await closing;
  });

  it("lets go of a run that is just being left to wait", async () => {
    let closing: Promise<void> | undefined;
    const store = storeWith((own) => ({
      async waits(runId) {
        const open = await own.waits(runId);
        if (open.length > 0) closing ??= runtime.close();
        return open;
      },
    }));
    const runtime = new Runtime({ store, hotPeriod: 0 });
    const running = runtime.run(async (_: null) => waitForApproval("x"), null);
    await expect(running).rejects.toMatchObject({ code: "RUNTIME_CLOSED" });
    await closing;
  });
});

function never(): Promise<never> {
  return new Promise(() => {});
}

/** Refuses every end of a step, for good. */
function refusing(writer: JournalWriter, refusal: HoldfastError): JournalWriter {
  let lost: HoldfastError | undefined;
  return new Proxy(writer, {
    get(target, key) {
      if (key === "lost") return lost;
      if (key === "append") {
        return (entry: Parameters<JournalWriter["append"]>[0]) => {
          if (entry.entry !== "finished") return target.append(entry);
          lost = refusal;
          const durable = Promise.reject(refusal);
          durable.catch(() => {});
          return { seq: target.lastSeq + 1, durable };
        };
      }
      const found: unknown = Reflect.get(target, key);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}
