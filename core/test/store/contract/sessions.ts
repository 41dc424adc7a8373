import { describe, expect, it } from "vitest";
import { newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeSessions(given: () => Processes): void {
  describe("a session slot", () => {
    it("is empty until something is put, and then holds exactly that", async () => {
      const [store, reader] = given().stores;
      const { runId, spaceId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(await reader.session(spaceId, "thread")).toBeUndefined();
      const states = [
        { items: ['"a"', '"b"'], value: { text: '{"step":1}' } },
        { items: [] },
        { value: { text: '"large"'.repeat(1_000), shared: true } },
        {},
      ];
      for (const state of states) {
        await writer.putSession("thread", state);
        expect(await reader.session(spaceId, "thread")).toEqual({
          items: state.items,
          value: state.value?.text,
          runId,
          at: expect.any(Date),
        });
      }
      expect(await reader.session(spaceId, "another")).toBeUndefined();
    });

    it("goes over to the next run of the thread", async () => {
      const [store] = given().stores;
      const first = await newRun(store);
      const one = await store.takeOver(first.runId);
      await one.putSession("thread", { items: ['"a"'] });
      const second = await newRun(store, first.spaceId);
      const two = await store.takeOver(second.runId);
      await two.putSession("thread", { items: ['"a"', '"b"'] });
      expect(await store.session(first.spaceId, "thread")).toMatchObject({
        items: ['"a"', '"b"'],
        runId: second.runId,
      });
    });

    it("written by two runs in one flush takes both, in order", async () => {
      const [store] = given().stores;
      const first = await newRun(store);
      const second = await newRun(store, first.spaceId);
      const one = await store.takeOver(first.runId);
      const two = await store.takeOver(second.runId);
      await Promise.all([
        one.putSession("thread", { value: { text: "1" } }),
        two.putSession("thread", { value: { text: "2" } }),
      ]);
      expect(await store.session(first.spaceId, "thread")).toMatchObject({
        value: "2",
        runId: second.runId,
      });
    });

    it("refuses a name that Postgres cannot hold", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(() => writer.putSession("\0", {})).toThrow(
        expect.objectContaining({ code: "STORE_REFUSED_ROW", details: { runId, field: "slot" } }),
      );
    });
  });
}
