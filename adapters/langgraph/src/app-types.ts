/**
 * The types of LangGraph apps, and of runnables of LangChain that are none, for `runtime.run` and
 * `runtime.stream`: what their own `invoke` takes and returns, and what their own streams tell.
 */
import type { OutputOf } from "@holdfast/core";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import type { IterableReadableStream } from "@langchain/core/utils/stream";
import type {
  CompiledStateGraph,
  ExtractStateType,
  ExtractUpdateType,
  GraphRunStream,
  InferExtensions,
  InferWriterType,
  Pregel,
  StreamMode,
  StreamOutputMap,
  StreamTransformer,
} from "@langchain/langgraph";

interface Graph {
  readonly lg_is_pregel: boolean;
}

interface Agent {
  readonly graph: Graph;
}

interface Chain {
  readonly lc_namespace: readonly string[];
  getName(suffix?: string): string;
}

interface Invokes<Input, Options, Output> {
  invoke(input: Input, options?: Options): Promise<Output>;
}

type Transformers = readonly (() => StreamTransformer<unknown>)[];

/** For `runtime.stream`. What a run does and comes to does not depend on them. */
interface StreamOptions {
  encoding?: "text/event-stream";
  /** What `streamEvents` of this version tells, and no chunks. */
  version?: "v1" | "v2";
}

interface GraphStreamOptions extends Omit<StreamOptions, "version"> {
  streamMode?: StreamMode | readonly StreamMode[];
  subgraphs?: boolean;
  /** What `streamEvents` of this version tells, and no chunks. */
  version?: "v1" | "v2" | "v3";
  /** Of version 3. */
  transformers?: Transformers;
}

/** Lists in options are only read. That their exact types can be told, it has to be said. */
type Listed<Options> = { [Key in keyof Options]: Options[Key] | ReadonlyList<Options[Key]> };
type ReadonlyList<Value> = Value extends readonly (infer Item)[] ? readonly Item[] : never;

/** As LangChain gives it; can be iterated without being awaited, too. */
type Chunks<Chunk> = Promise<IterableReadableStream<Chunk>> & AsyncIterable<Chunk>;

type Get<Options, Key extends string> = Options extends { readonly [key in Key]: infer Value }
  ? Value
  : undefined;
type Mutable<Value> = Value extends readonly (infer Item)[] ? Item[] : Value;
type ModeOf<Options> = Extract<
  Mutable<Get<Options, "streamMode">>,
  StreamMode | StreamMode[] | undefined
>;

type ChunkOf<App, Options> =
  App extends CompiledStateGraph<
    infer _State,
    infer _Update,
    infer Nodes,
    infer Input,
    infer Output,
    infer _Context,
    infer Returned,
    infer _Interrupt,
    infer Custom,
    infer _Transformers
  >
    ? Told<
        Options,
        ExtractUpdateType<Input, ExtractStateType<Input>>,
        ExtractStateType<Output>,
        Nodes | "__start__",
        Returned,
        InferWriterType<Custom>
      >
    : App extends Pregel<
          infer Nodes,
          infer _Channels,
          infer _Context,
          infer _Input,
          infer _Output,
          infer Updates,
          infer Values,
          infer Returned,
          infer _Command,
          infer Custom,
          infer _Transformers
        >
      ? Told<Options, Updates, Values, keyof Nodes, Returned, Custom>
      : Told<Options, OutputOf<App>, OutputOf<App>, string, unknown, unknown>;

type Told<Options, Updates, Values, Nodes, Returned, Custom> = StreamOutputMap<
  ModeOf<Options>,
  Get<Options, "subgraphs"> extends true ? true : false,
  Updates,
  Values,
  Nodes,
  Returned,
  Custom,
  undefined
>;

/** What `streamEvents` gives for version 3: an agent says it first. */
type ProtocolStream<App, Options> = App extends Agent
  ? App extends {
      streamEvents: {
        (state: never, config: never): infer Stream;
        (state: never, config?: never, more?: never): unknown;
        (state: never, config: never, more: never): unknown;
      };
    }
    ? Stream
    : never
  : App extends { readonly streamTransformers: infer Own extends Transformers }
    ? Promise<GraphRunStream<OutputOf<App>, InferExtensions<readonly [...Own, ...Added<Options>]>>>
    : never;
type Added<Options> =
  Get<Options, "transformers"> extends infer Given extends Transformers ? Given : readonly [];

type IsEncoded<Options> = Get<Options, "encoding"> extends "text/event-stream" ? true : false;
type Events<Options> = IterableReadableStream<
  IsEncoded<Options> extends true ? Uint8Array : StreamEvent
>;

type GraphStream<App, Options> =
  Get<Options, "version"> extends "v1" | "v2"
    ? Events<Options>
    : Get<Options, "version"> extends "v3"
      ? IsEncoded<Options> extends true
        ? Promise<IterableReadableStream<Uint8Array>>
        : ProtocolStream<App, Options>
      : Chunks<IsEncoded<Options> extends true ? Uint8Array : ChunkOf<App, Options>>;

type ChainStream<App, Options> =
  Get<Options, "version"> extends "v1" | "v2"
    ? Events<Options>
    : App extends { stream(...given: never): Promise<IterableReadableStream<infer Chunk>> }
      ? Chunks<Chunk>
      : never;

declare module "@holdfast/core" {
  interface AppTypes<App> {
    langgraph: App extends Graph | Agent
      ? App extends Invokes<infer Input, infer Options, infer Output>
        ? {
            input: Input;
            options: Listed<Omit<NonNullable<Options>, keyof GraphStreamOptions>> &
              GraphStreamOptions;
            output: Output;
            config: RunnableConfig;
          }
        : never
      : never;
    langchain: App extends Graph | Agent
      ? never
      : App extends Chain & Invokes<infer Input, infer Options, infer Output>
        ? { input: Input; options: Listed<NonNullable<Options>> & StreamOptions; output: Output }
        : never;
  }
  interface StreamTypes<App, Options> {
    langgraph: App extends Graph | Agent ? GraphStream<App, Options> : never;
    langchain: App extends Graph | Agent
      ? never
      : App extends Chain
        ? ChainStream<App, Options>
        : never;
  }
}

export type { AppTypes } from "@holdfast/core";
