import { describe, expect, it } from "vitest";
import { currentStep, type StepOptions, step } from "../../src/index.ts";
import { deadly, processes } from "./processes.ts";

const { start, die } = processes();
const options = { durable: { runId: "r" } };

/** A run whose process dies in the body of its only step, and the same run in a second process. */
async function crashIn(policy: StepOptions) {
  const { reached, body } = deadly();
  const keys: string[] = [];
  const run = (then: () => unknown) =>
    start().run(
      async (_: null) => {
        return step(
          "pay",
          async () => {
            keys.push(currentStep().idempotencyKey);
            return then();
          },
          policy,
        );
      },
      null,
      options,
    );
  void run(body).catch(() => {});
  await reached;
  // A body that takes a while is announced; then its process dies.
  await expect.poll(async () => (await start().handle("r").steps()).length).toBe(1);
  die();
  return { again: run(() => "paid"), keys };
}

describe("a step that was under way when its process died", () => {
  it("runs again under the policy retry, with the same idempotency key", async () => {
    const { again, keys } = await crashIn({});
    expect(await again).toBe("paid");
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it("fails under the policy fail, and is not run again", async () => {
    const { again, keys } = await crashIn({ inDoubt: "fail" });
    await expect(again).rejects.toMatchObject({ code: "STEP_IN_DOUBT" });
    expect(keys).toHaveLength(1);
  });

  it("waits under the policy once for a person, whose result it then has", async () => {
    const { again, keys } = await crashIn({ inDoubt: "once" });
    const handle = start().handle("r");
    await expect.poll(async () => (await handle.status()).status).toBe("waiting");
    expect((await handle.status()).sentence).toContain('Step "pay" was under way');
    const [pay] = await handle.steps();
    expect(pay).toMatchObject({ name: "pay", status: "in doubt" });
    await handle.settle(pay!.id, { result: "paid by hand" }, { by: "ana" });
    expect(await again).toBe("paid by hand");
    expect(keys).toHaveLength(1);
  });

  it("runs again under the policy once if that person says so", async () => {
    const { again, keys } = await crashIn({ inDoubt: "once" });
    const handle = start().handle("r");
    await expect.poll(async () => (await handle.status()).status).toBe("waiting");
    await handle.settle(3, "retry", { by: "ana" });
    expect(await again).toBe("paid");
    expect(new Set(keys).size).toBe(1);
  });

  it("fails under the policy once if that person says so, with their reason", async () => {
    const { again, keys } = await crashIn({ inDoubt: "once" });
    const handle = start().handle("r");
    await expect.poll(async () => (await handle.status()).status).toBe("waiting");
    await handle.settle(3, "fail", { by: "ana", note: "the bank knows nothing of it" });
    await expect(again).rejects.toMatchObject({
      code: "STEP_SETTLED_AS_FAILED",
      details: { by: "ana", note: "the bank knows nothing of it" },
    });
    expect(keys).toHaveLength(1);
  });
});
