import { describe, expect, it } from "vitest";
import { BUCKETS, bucketOf, idOfKey, newId } from "../../src/store/index.ts";

describe("ids", () => {
  it("carry the bucket they were made with, whatever it is", () => {
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      expect(bucketOf(newId(bucket))).toBe(bucket);
    }
  });

  it("spread over all buckets when none is asked for", () => {
    const buckets = new Set(Array.from({ length: 20_000 }, () => bucketOf(newId())));
    expect(buckets.size).toBe(BUCKETS);
  });

  it("are distinct and sort by the time they were made", async () => {
    const first = newId();
    await new Promise((resolve) => setTimeout(resolve, 2));
    const second = newId();
    expect(first < second).toBe(true);
    expect(new Set(Array.from({ length: 10_000 }, () => newId(7))).size).toBe(10_000);
  });

  it("are valid uuids: version 7 when fresh, version 8 when derived", () => {
    expect(newId()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(idOfKey("run", "n", "k")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("of a key are the same everywhere, and differ by kind, namespace and key", () => {
    expect(idOfKey("space", "prod", "thread-1")).toBe("93e9d565-c652-837e-ab31-261bbab8f9ca");
    const ids = [
      idOfKey("space", "prod", "a"),
      idOfKey("run", "prod", "a"),
      idOfKey("space", "test", "a"),
      idOfKey("space", "prod", "b"),
      idOfKey("space", "pro", "da"),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    "order-77",
    "",
    "0192F000-0000-7000-8000-000000000000",
    "0192f000-0000-7000-8000-00000000000",
  ])("refuse %j with a hint", (id) => {
    expect(() => bucketOf(id)).toThrow(expect.objectContaining({ code: "ID_INVALID" }));
  });
});
