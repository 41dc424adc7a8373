/** What the agents can do. */
import { FunctionTool } from "@google/adk";
import { z } from "zod";
import { outside } from "../story/outside.ts";

const FOUND: Readonly<Record<string, string>> = {
  light: "Kelp needs light to about 40 m down.",
  water: "It needs water below 20 °C.",
  ground: "It holds on to rock, never to sand.",
};

const query = z.object({ query: z.enum(["light", "water", "ground"]) });

export const search: FunctionTool<typeof query> = new FunctionTool({
  name: "search",
  description: "Searches the library.",
  parameters: query,
  execute: ({ query: topic }) =>
    outside(`searched for ${topic}`, { found: FOUND[topic] ?? "Nothing." }),
});

const article = z.object({ title: z.string(), text: z.string() });

export const publish: FunctionTool<typeof article> = new FunctionTool({
  name: "publish",
  description: "Puts an article before the world.",
  parameters: article,
  requireConfirmation: true,
  execute: ({ title }) => outside(`published "${title}"`, { isOut: true }),
});
