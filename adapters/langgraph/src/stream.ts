/**
 * What a run tells, in the form that `stream` and `streamEvents` of LangGraph have. Invariant: leaving a
 * stream, cancelling and aborting it leave the run alone.
 */
import { HoldfastError } from "@holdfast/core";
import type { LiveStream } from "@holdfast/core/adapter";
import { IterableReadableStream } from "@langchain/core/utils/stream";
import type { StreamTransformer } from "@langchain/langgraph";
import { Pregel } from "@langchain/langgraph/pregel";
import { graphOf } from "./app.ts";
import { type StreamForm, splitForm } from "./stream-form.ts";

/** For a graph. Of chunks: a promise, as LangGraph gives it, that can be iterated as it is, too. */
export function streamOfGraph(live: LiveStream, app: unknown): unknown {
  const { form } = splitForm(live.options);
  if (form.version === "v1" || form.version === "v2") return events(live.pieces, form);
  const { streamTransformers } = graphOf(app) as Pick<ToldGraph, "streamTransformers">;
  if (form.version === "v3") {
    const told = new ToldGraph(withOutput(live), streamTransformers);
    return told.streamEvents(null, form as Parameters<ToldGraph["streamEvents"]>[1]);
  }
  const told = new ToldGraph(live.pieces, streamTransformers);
  const { encoding } = form;
  return iterable(told.stream(null, encoding === undefined ? {} : { encoding }));
}

/** For a runnable that is no graph. */
export function streamOfRunnable({ pieces, options }: LiveStream): unknown {
  const { form } = splitForm(options);
  if (form.version !== undefined) return events(pieces, form);
  return iterable(begun(pieces));
}

export function refuseProtocol({ version }: StreamForm): void {
  if (version !== "v3") return;
  throw new HoldfastError(
    "OPTION_INVALID",
    'A runnable that is no graph cannot be streamed with { version: "v3" }.',
    { hint: 'Take "v2", or put it into a graph.', details: { version } },
  );
}

type Transformers = readonly (() => StreamTransformer<unknown>)[];

/** A graph that tells what it is given: it puts that into LangGraph's own forms. */
class ToldGraph extends Pregel<Record<never, never>, Record<never, never>> {
  readonly #pieces: AsyncIterable<unknown>;

  constructor(pieces: AsyncIterable<unknown>, streamTransformers: Transformers) {
    super({
      nodes: {},
      channels: {},
      inputChannels: [],
      outputChannels: [],
      autoValidate: false,
      streamTransformers: streamTransformers as [],
    });
    this.#pieces = pieces;
  }

  override async *_streamIterator(): AsyncGenerator<unknown> {
    yield* this.#pieces;
  }
}

/** The values of a run that is over, or was cut off after the last of its steps, are its output. */
async function* withOutput({ pieces, output }: LiveStream): AsyncGenerator<unknown> {
  let hasValues = false;
  for await (const piece of pieces) {
    const [graph, mode] = piece as readonly [readonly string[], string];
    hasValues ||= mode === "values" && graph.length === 0;
    yield piece;
  }
  const end = hasValues ? undefined : await output;
  if (end !== undefined) yield [[], "values", end];
}

function events(
  pieces: AsyncIterable<unknown>,
  { encoding }: StreamForm,
): IterableReadableStream<unknown> {
  return IterableReadableStream.fromAsyncGenerator(
    encoding === undefined ? each(pieces) : encoded(pieces),
  );
}

async function* each(pieces: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  yield* pieces;
}

/** As LangChain encodes events. */
async function* encoded(pieces: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) {
    yield encoder.encode(`event: data\ndata: ${JSON.stringify(piece)}\n\n`);
  }
  yield encoder.encode("event: end\n\n");
}

/** What fails before the first piece fails to begin, as with LangChain. */
async function begun(pieces: AsyncIterable<unknown>): Promise<IterableReadableStream<unknown>> {
  const rest = each(pieces);
  const first = await rest.next();
  async function* all(): AsyncGenerator<unknown> {
    if (first.done) return;
    yield first.value;
    yield* rest;
  }
  return IterableReadableStream.fromAsyncGenerator(all());
}

function iterable<Stream extends AsyncIterable<unknown>>(
  stream: Promise<Stream>,
): Promise<Stream> & AsyncIterable<unknown> {
  return Object.assign(stream, {
    async *[Symbol.asyncIterator]() {
      yield* await stream;
    },
  });
}
