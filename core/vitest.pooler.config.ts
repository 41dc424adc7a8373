// The tests that need a pgbouncer: run by the phase of that name (see scripts/ci), which installs it.
import { defineConfig } from "vitest/config";
import { patience } from "../vitest.patience.ts";

export default defineConfig({
  test: {
    ...patience,
    include: ["test/pooler/**/*.pooler.ts"],
    globalSetup: ["test/support/postgres.ts"],
  },
});
