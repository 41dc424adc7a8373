import { defineConfig } from "vitest/config";
import { patience } from "../../vitest.patience.ts";

export default defineConfig({
  test: {
    ...patience,
    include: ["test/**/*.test.ts"],
    globalSetup: ["../../core/test/support/postgres.ts"],
  },
});
