// The tests on hosts that can be cut off: run by the phase of that name (see scripts/ci), as root.
import { defineConfig } from "vitest/config";
import { patience } from "../vitest.patience.ts";

export default defineConfig({
  test: {
    ...patience,
    include: ["test/hosts/**/*.hosts.ts"],
    testTimeout: 180_000,
  },
});
