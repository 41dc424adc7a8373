/** What somebody says to a run, or a run to another, in a process that does not know what it is made of. */
import { describe, expect, it } from "vitest";
import type { Adapter, RunContext } from "../../src/adapter/index.ts";
import { type CodecExtension, type Runtime, step } from "../../src/index.ts";
import { deadly, processes } from "./processes.ts";

const { start, die } = processes();
const options = { durable: { runId: "r" } };

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
}

const money: CodecExtension<Money> = {
  tag: "test/money",
  is: (value): value is Money => value instanceof Money,
  encode: ({ cents }) => cents,
  decode: (cents) => new Money(cents as number),
};

const cents = (paid: Promise<unknown>) =>
  paid.then(
    (value) => (value as Money).cents,
    (error: { readonly code: string }) => `the program saw ${error.code}`,
  );

/** In a process that cannot read it; then in one that can. */
async function runInBoth(
  program: (runtime: Runtime) => (input: null) => Promise<unknown>,
): Promise<unknown> {
  const ignorant = start();
  const refused = ignorant.run(program(ignorant), null, options);
  await expect(refused).rejects.toMatchObject({ code: "VALUE_NOT_DECODABLE" });
  expect((await ignorant.handle("r").status()).why).toMatchObject({ reason: "unreadable" });
  const knowing = start({ codec: [money] });
  return knowing.run(program(knowing), null, options);
}

describe("what cannot be read here stops the run, is no failure of the program, and loses nothing", () => {
  it("of what a step in doubt was settled with", async () => {
    const { reached, body } = deadly();
    const app = (pay: () => Promise<unknown>) => async (_: null) =>
      cents(step("pay", pay, { inDoubt: "once" }));
    void start()
      .run(app(body), null, options)
      .catch(() => {});
    await reached;
    die();
    const asking = start();
    void asking.run(app(body), null, options).catch(() => {});
    const handle = start({ codec: [money] }).handle("r");
    await expect.poll(async () => (await handle.waits()).length).toBe(1);
    await asking.close();
    const [pay] = await handle.steps();
    await handle.settle(pay!.id, { result: new Money(42) });
    expect(await runInBoth(() => app(async () => "paid again"))).toBe(42);
  });

  it("of what a run came to that it awaits", async () => {
    const child = async (_: null) => new Money(42);
    await start({ codec: [money] }).run(child, null, { durable: { runId: "child" } });
    const app = (runtime: Runtime) => async (_: null) => cents(runtime.handle("child").result());
    expect(await runInBoth(app)).toBe(42);
  });

  it("of what its thread keeps", async () => {
    const chats: Adapter = {
      name: "chats",
      supported: "*",
      recognises: (app) => typeof app === "object" && app !== null && "chat" in app,
      nameOf: () => "chat",
      install: () => {},
      threadOf: () => "t",
      execute: async ({ app, run }) => ({
        is: "ended",
        output: await (app as { chat: (run: RunContext) => Promise<unknown> }).chat(run),
      }),
    };
    const app = (
      chat: (run: RunContext) => Promise<unknown>,
    ): ((input: null) => Promise<unknown>) => ({ chat }) as never;
    const keeps = app((run) => run.writeSlot("paid", { items: ["m"], value: new Money(42) }));
    const reads = app((run) => cents(run.readSlot("paid").then((slot) => slot?.value)));
    const knowing = start({ codec: [money], adapters: [chats] });
    await knowing.run(keeps, null);
    const ignorant = start({ adapters: [chats] }).run(reads, null, options);
    await expect(ignorant).rejects.toMatchObject({ code: "VALUE_NOT_DECODABLE" });
    expect(await knowing.run(reads, null, options)).toBe(42);
  });
});
