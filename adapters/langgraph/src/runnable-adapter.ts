/**
 * A runnable of LangChain that is no graph, a chain, a model, a tool, as an app: its models, tools and
 * retrievers are steps, and the functions in it run again over their results, like those of an app that
 * is a function. It has no nodes, so nothing but the steps is restored.
 */
import type { Adapter, AppCall, ProgramEnd, StreamedCall } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import { concat } from "@langchain/core/utils/stream";
import { v7 } from "@langchain/core/utils/uuid";
import { graphOf } from "./app.ts";
import { installFor } from "./install.ts";
import { ownMessages } from "./own-messages.ts";
import { refuseProtocol, streamOfRunnable } from "./stream.ts";
import { splitForm } from "./stream-form.ts";
import { SUPPORTED } from "./supported.ts";

interface RunnableApp {
  readonly lc_runnable: true;
  getName(): string;
  invoke(input: unknown, options: Partial<RunnableConfig>): Promise<unknown>;
  stream(input: unknown, options: Partial<RunnableConfig>): Promise<AsyncIterable<unknown>>;
  streamEvents(input: unknown, options: Partial<RunnableConfig>): AsyncIterable<StreamEvent>;
}

export const runnableAdapter: Adapter = {
  name: "langchain",
  supported: SUPPORTED,
  recognises: isRunnable,
  nameOf: (app) => (app as RunnableApp).getName(),
  install: (app) => installFor(app as object),
  execute,
  stream,
  streamOf: streamOfRunnable,
};

async function execute({ app, input, options }: AppCall): Promise<ProgramEnd> {
  const { own } = splitForm(options);
  return { is: "ended", output: await (app as RunnableApp).invoke(ownMessages(input), own) };
}

async function stream({ app, input, options, emit }: StreamedCall): Promise<ProgramEnd> {
  const { form, own } = splitForm(options);
  refuseProtocol(form);
  const runnable = app as RunnableApp;
  const given = ownMessages(input);
  let output: unknown;
  if (form.version === undefined) {
    for await (const chunk of await runnable.stream(given, own)) {
      output = together(output, chunk);
      emit(chunk);
    }
    return { is: "ended", output };
  }
  const runId = (own as Partial<RunnableConfig>).runId ?? v7();
  const events = { ...own, version: form.version, runId };
  for await (const event of runnable.streamEvents(given, events)) {
    if (event.run_id === runId && event.event.endsWith("_end")) output = event.data.output;
    emit(event);
  }
  return { is: "ended", output };
}

/** As LangChain puts chunks together; of those that do not go together, the last is the output. */
function together(output: unknown, chunk: unknown): unknown {
  if (output === undefined || chunk === undefined) return chunk;
  try {
    return concat(output as string, chunk as string);
  } catch {
    return chunk;
  }
}

function isRunnable(app: unknown): boolean {
  if (typeof app !== "object" || app === null || graphOf(app) !== undefined) return false;
  return "lc_runnable" in app && app.lc_runnable === true;
}
