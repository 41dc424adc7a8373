import { describe, expect, it } from "vitest";
import { step } from "../../src/index.ts";
import { deadly, processes } from "./processes.ts";

const { start, die } = processes();
const options = { durable: { runId: "r" } };

/** Runs two versions of a program, one after the other: the first one's process dies at its end. */
async function change(first: () => Promise<unknown>, second: () => Promise<unknown>) {
  const { reached, body } = deadly();
  const begun = start().run(async (_: null) => first().then(body), null, options);
  void begun.catch(() => {});
  await reached;
  die();
  return start().run(async (_: null) => second(), null, options);
}

describe("code that was changed under a run", () => {
  it("is told what was recorded, what is asked, and where, if a step is given other input", async () => {
    let ran = 0;
    const pay = (amount: number) => step("pay", async () => ++ran, { input: { amount } });
    const changed = change(
      () => pay(10),
      () => pay(20),
    );
    const error = await changed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "RUN_DIVERGED" });
    const { message } = error as Error;
    expect(message).toContain('step "pay"');
    expect(message).toContain("$.amount");
    expect(message).toContain("10");
    expect(message).toContain("20");
    expect(message).toContain("divergence.test.ts");
    expect(ran).toBe(1);
    const report = await start().handle("r").status();
    expect(report).toMatchObject({ status: "waiting", why: { reason: "divergence" } });
  });

  it("goes on with the code it began with", async () => {
    const effects: string[] = [];
    const pay = (amount: number) =>
      step("pay", async () => effects.push(`pay ${amount}`), { input: { amount } });
    await change(
      () => pay(10),
      () => pay(20),
    ).catch(() => {});
    const end = start().run(
      async (_: null) => {
        await pay(10);
        return "done";
      },
      null,
      options,
    );
    expect(await end).toBe("done");
    expect(effects).toEqual(["pay 10"]);
  });
});
