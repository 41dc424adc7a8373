import { describe, expect, it } from "vitest";
import { newId } from "../../../src/store/index.ts";
import type { Processes } from "./describe-store.ts";

export function describeApps(given: () => Processes): void {
  describe("an app that is announced", () => {
    it("is there for all of its namespace, as it was announced last", async () => {
      const [store, other] = given().stores;
      const [namespace, elsewhere] = [newId(), newId()];
      const support = { namespace, name: "support", framework: "langgraph", version: "1" };
      const structure = '{"nodes":["ask"]}';
      await store.deploy({ ...support, structure });
      await other.deploy({ ...support, name: "Écho", framework: "openai" });
      await other.deploy({ ...support, namespace: elsewhere, version: "7" });
      expect(await other.apps(namespace)).toEqual([
        { ...support, structure },
        { ...support, name: "Écho", framework: "openai" },
      ]);
      await other.deploy({ ...support, version: "2" });
      expect((await store.apps(namespace))[0]).toEqual({ ...support, version: "2" });
      expect(await store.apps(elsewhere)).toEqual([
        { ...support, namespace: elsewhere, version: "7" },
      ]);
      expect(await store.apps(newId())).toEqual([]);
    });

    it("is one, however many announce it at once", async () => {
      const { stores } = given();
      const namespace = newId();
      const app = { namespace, name: "support", framework: "adk", version: "1" };
      await Promise.all(stores.map((store) => store.deploy(app)));
      expect(await stores[0].apps(namespace)).toEqual([app]);
    });
  });
}
