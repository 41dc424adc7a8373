/**
 * What a graph is called with, time and again, until a run of it is over or waits: its input, what it was
 * answered, or nothing where it goes on from a checkpoint. Invariant: it is never called to go on past a
 * question that nobody has answered.
 */
import { isDeepStrictEqual } from "node:util";
import type { AppCall, ProgramEnd } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import { INTERRUPT } from "@langchain/langgraph";
import { Answers } from "./answers.ts";
import { graphOf } from "./app.ts";
import {
  type BreakableGraph,
  type Breakpoint,
  breakpointAt,
  hasBreakpoints,
} from "./breakpoints.ts";
import { keptBy, lastingCheckpointerOf } from "./own-checkpointer.ts";
import { ownInput } from "./own-messages.ts";
import { RunSaver } from "./run-saver.ts";

type Turn =
  | {
      readonly is: "go";
      readonly input: unknown;
      /** Whether it goes on where an execution that is over was cut off. Default: false. */
      readonly isCut?: boolean;
    }
  | { readonly is: "waits" }
  | { readonly is: "over" };

type GraphOptions = RunnableConfig & {
  readonly interruptBefore?: readonly string[] | "*";
  readonly interruptAfter?: readonly string[] | "*";
  readonly checkpointDuring?: boolean;
};

type Graph = BreakableGraph & {
  readonly channels: Readonly<Record<string, unknown>>;
  readonly outputChannels?: unknown;
};

export class Turns {
  /** For every call of the graph. */
  readonly config: RunnableConfig;
  readonly #call: AppCall;
  readonly #graph: Graph;
  readonly #options: GraphOptions;
  readonly #saver: RunSaver;
  readonly #answers: Answers;
  #passed: Breakpoint | undefined;
  #end: "over" | "waits" = "over";

  constructor(call: AppCall) {
    const { app, options, run } = call;
    // How durable LangGraph takes it is not for the caller to say: it is.
    const { checkpointDuring: _, ...given } = (options ?? {}) as GraphOptions;
    const { thread, name } = keptBy(app, options, run);
    this.#call = call;
    this.#graph = graphOf(app) as Graph;
    this.#options = given;
    this.#saver = new RunSaver(run, { name, thread, mirror: lastingCheckpointerOf(app) });
    this.#answers = new Answers(run, this.#saver);
    this.config = {
      ...given,
      durability: "sync",
      configurable: {
        ...given.configurable,
        thread_id: thread,
        __pregel_checkpointer: this.#saver,
      },
    } as RunnableConfig;
  }

  /** What an execution begins with. */
  async first(): Promise<Turn> {
    if (!(await this.#saver.hasBegun())) {
      return { is: "go", input: ownInput(this.#graph.channels, this.#call.input) };
    }
    const turn = await this.next();
    // What was cut short goes on; tasks that ask do so again, and tell what there is to return.
    const stays = turn.is === "waits" && (await this.#saver.pending()).length === 0;
    if (turn.is === "go" || stays) return turn;
    return { is: "go", input: null, isCut: true };
  }

  /** What it goes on with after a call. */
  async next(): Promise<Turn> {
    const { told, anyOpen } = await this.#answers.take();
    this.#end = "over";
    if (told !== undefined) return { is: "go", input: told };
    if (anyOpen) return this.#wait();
    const breakpoint = await this.#breakpoint();
    if (breakpoint === undefined || isDeepStrictEqual(breakpoint, this.#passed)) {
      return { is: "over" };
    }
    this.#passed = breakpoint;
    return (await this.#answers.passes(breakpoint)) ? { is: "go", input: null } : this.#wait();
  }

  /** @param output of the last call, if there was one */
  async end(output: unknown): Promise<ProgramEnd> {
    if (this.#end === "over") return { is: "ended", output };
    return { is: "left", output: output ?? (await this.#paused()) };
  }

  #wait(): Turn {
    this.#end = "waits";
    return { is: "waits" };
  }

  async #breakpoint(): ReturnType<typeof breakpointAt> {
    if (!hasBreakpoints(this.#graph, this.#options)) return undefined;
    return breakpointAt(this.#graph, this.#saver.reader(), this.config, this.#options);
  }

  /** What LangGraph returns at a breakpoint. */
  async #paused(): Promise<object> {
    const { values } = await this.#graph.getState(this.config);
    const { outputChannels } = this.#graph;
    const told = Array.isArray(outputChannels)
      ? Object.entries(values as object).filter(([key]) => outputChannels.includes(key))
      : Object.entries(values as object);
    return { ...Object.fromEntries(told), [INTERRUPT]: [] };
  }
}
