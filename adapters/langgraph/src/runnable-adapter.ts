/**
 * A runnable of LangChain that is no graph, a chain, a model, a tool, as an app: its models, tools and
 * retrievers are steps, and the functions in it run again over their results, like those of an app that
 * is a function. It has no nodes, so nothing but the steps is restored.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import { graphOf } from "./app.ts";
import { installFor } from "./install.ts";
import { ownMessages } from "./own-messages.ts";
import { SUPPORTED } from "./supported.ts";

interface RunnableApp {
  readonly lc_runnable: true;
  getName(): string;
  invoke(input: unknown, options?: Partial<RunnableConfig>): Promise<unknown>;
}

export const runnableAdapter: Adapter = {
  name: "langchain",
  supported: SUPPORTED,
  recognises: isRunnable,
  nameOf: (app) => (app as RunnableApp).getName(),
  install: (app) => installFor(app as object),
  execute,
};

async function execute({ app, input, options }: AppCall): Promise<ProgramEnd> {
  const given = (options ?? {}) as Partial<RunnableConfig>;
  return { is: "ended", output: await (app as RunnableApp).invoke(ownMessages(input), given) };
}

function isRunnable(app: unknown): boolean {
  if (typeof app !== "object" || app === null || graphOf(app) !== undefined) return false;
  return "lc_runnable" in app && app.lc_runnable === true;
}
