/**
 * A graph that is streamed, call after call, in the form that its user wants. Invariant: what is emitted
 * is what the graph alone tells in these calls; and a call comes to what `invoke` comes to.
 */
import type { RunContext } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import { v7 } from "@langchain/core/utils/uuid";
import { INTERRUPT, isCheckpointEnvelope, type StreamMode } from "@langchain/langgraph";
import { graphOf, type LangGraphApp } from "./app.ts";
import { ownCheckpointerOf, threadNamed } from "./own-checkpointer.ts";
import {
  type ChunkShape,
  readChunk,
  type StreamForm,
  shapeOf,
  type Told,
  writeChunk,
} from "./stream-form.ts";
import { TaskScopes } from "./task-scope.ts";
import { ToldAnew } from "./told-anew.ts";
import { ToldValues } from "./told-values.ts";

export interface StreamableApp extends LangGraphApp {
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>;
  streamEvents(input: unknown, options: object): AsyncIterable<StreamEvent>;
}

interface StreamedGraphOptions {
  readonly app: StreamableApp;
  /** As the caller gave them, but for the form of the stream. */
  readonly options: RunnableConfig & { readonly outputKeys?: unknown };
  readonly form: StreamForm;
  readonly run: RunContext;
  readonly emit: (piece: unknown) => void;
}

interface Graph {
  readonly outputChannels: string | readonly string[];
  readonly streamChannelsAsIs: string | readonly string[];
  readonly streamMode: readonly StreamMode[];
  readonly config?: { readonly streamMode?: StreamMode | readonly StreamMode[] };
}

export class StreamedGraph {
  readonly #app: StreamableApp;
  readonly #options: StreamedGraphOptions["options"];
  readonly #form: StreamForm;
  readonly #emit: (piece: unknown) => void;
  readonly #graph: Graph;
  readonly #shape: ChunkShape;
  readonly #tasks: TaskScopes;

  constructor({ app, options, form, run, emit }: StreamedGraphOptions) {
    this.#tasks = TaskScopes.of(run);
    this.#app = app;
    this.#options = options;
    this.#emit = emit;
    this.#graph = graphOf(app) as Graph;
    const { config, streamMode } = this.#graph;
    this.#form =
      config?.streamMode === undefined ? form : { streamMode: config.streamMode, ...form };
    this.#shape = shapeOf(this.#form, streamMode);
  }

  /** @param isCut whether it goes on where an execution that is over was cut off */
  async call(input: unknown, config: RunnableConfig, isCut = false): Promise<unknown> {
    const told = new ToldAnew({
      hasCheckpointer: Boolean(ownCheckpointerOf(this.#app)),
      hasThread: threadNamed(this.#app, this.#options) !== undefined,
      isCut: (graph) => isCut && this.#tasks.isRestored(graph),
    });
    const values = new ToldValues();
    const given = {
      ...config,
      ...this.#mode(),
      configurable: { ...config.configurable, __pregel_stream: values },
    };
    await (this.#isEvents ? this.#events(input, given, told) : this.#chunks(input, given, told));
    return values.output(this.#graph, this.#options.outputKeys);
  }

  /** That it waits at a breakpoint, which it came to before. Of that, there is no event. */
  waits(): void {
    if (this.#isEvents) return;
    for (const mode of ["updates", "values"] as const) {
      if (!this.#shape.modes.includes(mode)) continue;
      this.#emit(this.#piece({ graph: [], mode, payload: { [INTERRUPT]: [] } }));
    }
  }

  get #isEvents(): boolean {
    const { version } = this.#form;
    return version === "v1" || version === "v2";
  }

  async #chunks(input: unknown, given: object, told: ToldAnew): Promise<void> {
    for await (const chunk of await this.#app.stream(input, given)) {
      const kept = told.of(readChunk(this.#shape, chunk));
      if (kept !== undefined) this.#emit(this.#piece(kept));
    }
  }

  async #events(input: unknown, given: RunnableConfig, told: ToldAnew): Promise<void> {
    const runId = given.runId ?? v7();
    for await (const event of this.#app.streamEvents(input, { ...given, runId })) {
      const { run_id, data } = event;
      const metadata = told.metadata(event.metadata) as StreamEvent["metadata"];
      if (run_id !== runId || !event.event.endsWith("_stream")) {
        this.#emit({ ...event, metadata });
        continue;
      }
      const read = readChunk(this.#shape, data.chunk);
      // Told among the values, where graphs in tasks are told of.
      const { isSingle, subgraphs } = this.#shape;
      const isEnvelope = isSingle && subgraphs && isCheckpointEnvelope(read.payload);
      const kept = told.of(isEnvelope ? { ...read, mode: "checkpoints" } : read);
      if (kept === undefined) continue;
      const chunk: unknown = writeChunk(this.#shape, kept);
      this.#emit({ ...event, metadata, data: { ...data, chunk } });
    }
  }

  /** As whoever puts pieces into the form of the stream is to have it. */
  #piece(told: Told): unknown {
    if (this.#form.encoding === undefined) return writeChunk(this.#shape, told);
    return [this.#shape.subgraphs ? told.graph : null, told.mode, told.payload];
  }

  #mode(): object {
    const { modes, isSingle, subgraphs } = this.#shape;
    const { version } = this.#form;
    return {
      ...(version === undefined ? {} : { version }),
      streamMode: isSingle ? modes[0] : [...modes],
      subgraphs,
    };
  }
}
