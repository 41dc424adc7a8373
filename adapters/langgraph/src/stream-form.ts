/**
 * What the options of a call say about what is streamed, and how. They are told apart from all others:
 * what a run does and comes to is the same in every form of its stream, and without one.
 */
import {
  STREAM_EVENTS_V3_MODES,
  type StreamMode,
  type StreamTransformer,
} from "@langchain/langgraph";

export interface StreamForm {
  readonly streamMode?: StreamMode | readonly StreamMode[];
  readonly subgraphs?: boolean;
  readonly encoding?: "text/event-stream";
  /** The events of `streamEvents` of this version, and no chunks. */
  readonly version?: "v1" | "v2" | "v3";
  readonly transformers?: readonly (() => StreamTransformer<unknown>)[];
}

export interface SplitOptions {
  readonly form: StreamForm;
  /** All others. */
  readonly own: object;
}

export function splitForm(options: unknown): SplitOptions {
  const { streamMode, subgraphs, encoding, version, transformers, ...own } = (options ??
    {}) as StreamForm;
  const form = { streamMode, subgraphs, encoding, version, transformers };
  const given = Object.entries(form).filter(([, value]) => value !== undefined);
  return { form: Object.fromEntries(given), own };
}

/** Something that a graph tells: of which graph, in which mode. */
export interface Told {
  /** The tasks around the graph; none for the outermost. */
  readonly graph: readonly string[];
  readonly mode: StreamMode;
  readonly payload: unknown;
}

/** How a graph puts what it tells into chunks. */
export interface ChunkShape {
  readonly modes: readonly StreamMode[];
  /** Whether there is one mode, which chunks do not say. */
  readonly isSingle: boolean;
  /** Whether graphs in tasks are told of, and chunks say of which they are. */
  readonly subgraphs: boolean;
}

export function shapeOf(
  { version, streamMode, subgraphs = false, encoding }: StreamForm,
  usual: readonly StreamMode[],
): ChunkShape {
  if (version === "v3") {
    return { modes: [...STREAM_EVENTS_V3_MODES], isSingle: false, subgraphs: true };
  }
  const isEncoded = encoding !== undefined && version === undefined;
  const isSingle = !Array.isArray(streamMode) && !isEncoded;
  const modes = streamMode === undefined ? usual : [streamMode].flat();
  return { modes, isSingle, subgraphs };
}

export function readChunk({ modes, isSingle, subgraphs }: ChunkShape, chunk: unknown): Told {
  const [graph, rest] = subgraphs ? split(chunk) : [[], chunk];
  const [mode, payload] = isSingle ? [modes[0]!, rest] : (rest as [StreamMode, unknown]);
  return { graph, mode, payload };

  function split(told: unknown): readonly [readonly string[], unknown] {
    const [names, ...others] = told as [readonly string[], ...unknown[]];
    return [names, isSingle ? others[0] : others];
  }
}

export function writeChunk({ isSingle, subgraphs }: ChunkShape, told: Told): unknown {
  const { graph, mode, payload } = told;
  if (isSingle) return subgraphs ? [graph, payload] : payload;
  return subgraphs ? [graph, mode, payload] : [mode, payload];
}
