import { expect, it } from "vitest";
import { type RunEvent, step, waitForSignal } from "../../src/index.ts";
import { processes } from "./processes.ts";

const { start } = processes();

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

it("events tell a run from any process while it goes on, each once, and go on from any cursor", async () => {
  const app = async (n: number) => {
    const a = await step("a", async () => n);
    return a + (await waitForSignal<number>("more"));
  };
  const running = start().run(app, 1, { durable: { runId: "r" } });
  const other = start().handle("r");
  await expect
    .poll(async () => (await other.status().catch(() => undefined))?.status)
    .toBe("waiting");
  const live = collect(other.events());
  await other.signal("more", 41, { by: "ana" });
  expect(await running).toBe(42);

  const all = await live;
  expect(all.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["input", "attempt", "started", "finished", "said", "run completed"]),
  );
  expect(all.find(({ type }) => type === "said")).toMatchObject({
    name: "more",
    value: 41,
    by: "ana",
  });
  expect(new Set(all.map(({ cursor }) => cursor)).size).toBe(all.length);
  expect(await collect(other.events())).toHaveLength(all.length);
  // Read again from after each event, the entries of the journal that follow are the same.
  const entries = (events: readonly RunEvent[]) => events.filter(({ type }) => type !== "said");
  for (const [index, { cursor }] of all.entries()) {
    const rest = await collect(other.events({ after: cursor }));
    expect(entries(rest)).toEqual(
      entries(all.slice(index + 1)).map((event) => ({ ...event, cursor: expect.any(String) })),
    );
  }
});

it("refuses a cursor that is none", async () => {
  await start().run(async (n: number) => n, 1, { durable: { runId: "r" } });
  const events = start().handle("r").events({ after: "newest" });
  await expect(events.next()).rejects.toMatchObject({ code: "OPTION_INVALID" });
});
