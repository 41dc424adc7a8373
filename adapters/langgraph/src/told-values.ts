/**
 * What a graph comes to while something else of it is streamed: LangGraph lets a graph tell a second
 * stream, given by its config. Invariant: the output is what `invoke` would have returned.
 */
import { INTERRUPT, isInterrupted } from "@langchain/langgraph";

interface StreamedGraph {
  readonly outputChannels: string | readonly string[];
  readonly streamChannelsAsIs: string | readonly string[];
}

export class ToldValues {
  readonly modes: ReadonlySet<string> = new Set(["values"]);
  #interrupts: unknown[] | undefined;
  #latest: unknown;

  /** As LangGraph tells a stream. */
  push([graph, mode, payload]: readonly [readonly string[], string, unknown]): void {
    if (mode !== "values" || graph.length > 0) return;
    if (!isInterrupted(payload)) this.#latest = payload;
    else this.#interrupts = [...(this.#interrupts ?? []), ...payload[INTERRUPT]];
  }

  /** @param outputKeys what the caller wants of it. Default: what the graph says is its output */
  output(graph: StreamedGraph, outputKeys: unknown): unknown {
    const output = outputKeys === undefined ? outputOf(graph, this.#latest) : this.#latest;
    if (this.#interrupts === undefined) return output;
    if (output === undefined || output === null) return { [INTERRUPT]: this.#interrupts };
    return typeof output === "object" ? { ...output, [INTERRUPT]: this.#interrupts } : output;
  }
}

function outputOf({ outputChannels, streamChannelsAsIs }: StreamedGraph, values: unknown): unknown {
  if (!Array.isArray(streamChannelsAsIs) || values === undefined || values === null) return values;
  const told = values as Readonly<Record<string, unknown>>;
  if (!Array.isArray(outputChannels)) return told[outputChannels as string];
  const kept = outputChannels.flatMap((key) => (key in told ? [[key, told[key]]] : []));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
