// Sessions that are kept here, held against the SDK's own: whatever is done to them, and by whom.
import { step } from "@holdfast/core";
import { currentRun } from "@holdfast/core/adapter";
import { MemorySession, type Session, user } from "@openai/agents";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RunSession } from "../src/run-session.ts";
import { ownCopy } from "../src/sdk.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";

const { next, die } = processes();

type Item = string;

let ids = 0;
const nextId = () => `operation ${++ids}`;

/** What can be done to a session; each tells what it gave. */
const doings = {
  add: async (session: Session, items: readonly Item[]) => {
    await session.addItems(items.map((text) => user(text)));
    return "added";
  },
  pop: async (session: Session) => session.popItem(),
  clear: async (session: Session) => {
    await session.clearSession();
    return "cleared";
  },
  read: async (session: Session, items: readonly Item[]) => session.getItems(items.length),
  replace: async (session: RunSession | MemorySession, items: readonly Item[]) => {
    const expectedSuffix = await session.getItems(1);
    const replacement = items.map((text) => user(text));
    await session.applyHistoryTransaction({
      operationId: nextId(),
      transaction: { type: "replace_suffix", expectedSuffix, replacement },
    });
    return session.getItems();
  },
  append: async (session: RunSession | MemorySession, items: readonly Item[]) => {
    await session.applyHistoryTransaction({
      operationId: nextId(),
      transaction: { type: "append_items", items: items.map((text) => user(text)) },
    });
    return session.getItems();
  },
};

type Doing = readonly [keyof typeof doings, readonly Item[]];

async function all(session: RunSession | MemorySession, doing: readonly Doing[]) {
  const came: unknown[] = [];
  for (const [name, items] of doing) {
    came.push(await doings[name](session, items).catch((error: Error) => error.message));
  }
  return [...came, await session.getItems()];
}

const doing = fc.tuple(
  fc.constantFrom(...(Object.keys(doings) as (keyof typeof doings)[])),
  fc.array(fc.string(), { maxLength: 3 }),
);

test("does what the SDK's own session does, for its run, for the next one, and in the process after it", async () => {
  let nth = 0;
  const property = fc.asyncProperty(
    fc.array(doing, { maxLength: 8 }),
    fc.array(doing, { maxLength: 4 }),
    async (before, after) => {
      nth += 1;
      const memory = new MemorySession();
      const expected = [await all(memory, before), await all(memory, after)];
      const { body, reached } = deadly();
      const program = (until: () => Promise<void>) => async (_: null) => {
        // Each is what a run of the session has.
        const session = () => new RunSession(currentRun("test"), "s", ownCopy());
        const came = [await all(session(), before), await all(session(), after)];
        await step("until", until);
        return came;
      };
      const durable = { runId: `${nth}` };
      void next()
        .run(program(body), null, { durable })
        .catch(() => {});
      await reached;
      die();
      const found = await next().run(
        program(async () => {}),
        null,
        { durable },
      );
      expect(found).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});
