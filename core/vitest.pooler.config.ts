// The tests that need a pgbouncer: run by the phase of that name (see scripts/ci), which installs it.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/pooler/**/*.pooler.ts"],
    globalSetup: ["test/support/postgres.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
