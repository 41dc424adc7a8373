// The tests on hosts that can be cut off: run by the phase of that name (see scripts/ci), as root.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/hosts/**/*.hosts.ts"],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
