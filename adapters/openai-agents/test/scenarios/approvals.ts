import { Agent } from "@openai/agents";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Notes, Scenario } from "./scenario.ts";

/**
 * Four calls in parallel: one that needs no approval, one that is approved, one that is rejected, and
 * an agent as a tool whose own tool waits for approval too. Then one more that a second decision ends.
 */
export const approvals: Scenario = {
  name: "approvals",
  build: (effect) => {
    const remove = fakeTool(effect, "remove", { needsApproval: true });
    const cleaner = new Agent<Notes>({
      name: "Cleaner",
      model: new FakeModel(effect, "cleaner", (request) =>
        results(request).has("cleaner_1")
          ? "the cleaner is done"
          : [{ name: "remove", args: { q: "cache" }, id: "cleaner_1" }],
      ),
      tools: [remove],
    });
    const app = new Agent<Notes>({
      name: "Admin",
      model: new FakeModel(effect, "admin", (request) => {
        const seen = results(request);
        if (seen.has("admin_5")) return `done after ${seen.size} calls`;
        if (seen.has("admin_1")) return [{ name: "remove", args: { q: "old" }, id: "admin_5" }];
        return [
          { name: "list", args: { q: "files" }, id: "admin_1" },
          { name: "remove", args: { q: "logs" }, id: "admin_2" },
          { name: "remove", args: { q: "home" }, id: "admin_3" },
          { name: "ask_cleaner", args: { input: "Clean up." }, id: "admin_4" },
        ];
      }),
      tools: [
        fakeTool(effect, "list"),
        remove,
        cleaner.asTool({ toolName: "ask_cleaner", toolDescription: "Cleans." }),
      ],
    });
    return { app, input: "Make room.", options: { context: { notes: {} } } };
  },
  answers: [
    { admin_2: "approve", admin_3: "reject", cleaner_1: "approve" },
    { admin_5: "approve" },
  ],
};

export const streamedApprovals: Scenario = {
  ...approvals,
  name: "approvals-streamed",
  streamed: true,
};
