import { describe, expect, it } from "vitest";
import { volatility } from "../../src/journal/volatile-value.ts";

describe("two values that differ only in", () => {
  it.each([
    ["2026-01-31", "2026-02-01"],
    ["2026-01-31T12:00:00.123Z", "2026-02-01T08:30:00.456Z"],
    ["2026-01-31T12:00:00+01:00", "2026-08-01T08:30:00+02:00"],
    ["It is Saturday, January 31, 2026.", "It is Sunday, February 1, 2026."],
    ["Sat, 31 Jan 2026 12:00:00 GMT", "Sun, 01 Feb 2026 08:00:00 GMT"],
    ["1/31/2026, 9:05 PM", "2/1/2026, 10:15 AM"],
    ['{"at":1769860800000}', '{"at":1769947200000}'],
    [1769860800000, 1769947200000],
  ])("a time: %s, %s", (one, other) => {
    expect(volatility(one, other)).toBe("time");
  });

  it.each([
    ["7c1fbb5e-9d1a-4c8e-8a53-3f0e6f0d9b11", "0b4a8f64-61f2-4e0e-9a0b-5d5f1c2e7a90"],
    ["order call_9aZ8bY7cX6dW5eV4 now", "order call_1qA2wS3eD4rF5tG6 now"],
    [0.7182818284590452, 0.1415926535897932],
  ])("something random: %s, %s", (one, other) => {
    expect(volatility(one, other)).toBe("random");
  });

  it.each([
    ["Rome", "Roma"],
    ["on 2026-01-31 in Rome", "on 2026-02-01 in Oslo"],
    ["decide 5", "decide 7"],
    ["extraordinarily_long", "characteristically"],
    [1, 2],
    [0.5, 0.7],
    [true, false],
    [null, "2026-01-31"],
  ])("neither: %s, %s", (one, other) => {
    expect(volatility(one, other)).toBeUndefined();
  });
});
