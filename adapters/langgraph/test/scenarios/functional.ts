import { entrypoint, task } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** The functional API: two equal tasks side by side, one after them, and a call that is in no task. */
export const functional: Scenario = {
  name: "functional",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const research = task("research", async (topic: string) => {
      const { text } = await model.invoke(topic);
      return search.invoke({ q: text });
    });
    const app = entrypoint("report", async (topic: string) => {
      const both = await Promise.all([research(topic), research(topic)]);
      const last: string = await research("the last");
      const { text } = await model.invoke("conclude");
      return [...both, last, text];
    });
    return { app, input: "kelp" };
  },
};
