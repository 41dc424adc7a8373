/** A plain async function is an app: what it does in `step()` is durable, the rest runs again. */
import type { Adapter } from "./adapter.ts";

type PlainFunction = (input: unknown) => unknown;

export const functionAdapter: Adapter = {
  name: "function",
  supported: "*",
  recognises: (app) => typeof app === "function",
  nameOf: (app) => (app as PlainFunction).name || "function",
  install: () => {},
  async execute({ app, input }) {
    return { is: "ended", output: await (app as PlainFunction)(input) };
  },
};
