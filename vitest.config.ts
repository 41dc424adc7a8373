import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "core",
      "adapters/langgraph",
      "adapters/openai-agents",
      "adapters/adk",
      "server",
      "examples",
      "conformance",
    ],
  },
});
