/**
 * What a chat model has answered, in the form in which it is asked for. One execution may ask for a
 * whole and the next for a stream, because somebody listens now: the recorded answer serves for both.
 */
import { convertChunksToEvents } from "@langchain/core/language_models/compat";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import { ChatModelStream } from "@langchain/core/language_models/stream";
import { convertToChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

type Events = readonly ChatModelStreamEvent[];
type Chunks = readonly ChatGenerationChunk[];
type Recorded = ChatResult | Chunks | Events;

export async function asResult(recorded: unknown): Promise<ChatResult> {
  const answer = recorded as Recorded;
  if (!isList(answer)) return answer;
  const [chunk] = isEvents(answer) ? await chunksOf(answer) : joined(answer);
  return { generations: chunk === undefined ? [] : [chunk] };
}

export async function asChunks(recorded: unknown): Promise<Chunks> {
  const answer = recorded as Recorded;
  if (!isList(answer))
    return answer.generations.map(({ text, message, generationInfo }) =>
      chunkOf(text, message, generationInfo),
    );
  return isEvents(answer) ? chunksOf(answer) : answer;
}

export async function asEvents(recorded: unknown): Promise<Events> {
  const answer = recorded as Recorded;
  if (isList(answer) && isEvents(answer)) return answer;
  const events: ChatModelStreamEvent[] = [];
  for await (const event of convertChunksToEvents(each(await asChunks(answer)))) events.push(event);
  return events;
}

function isList(answer: Recorded): answer is Chunks | Events {
  return Array.isArray(answer);
}

function isEvents(pieces: Chunks | Events): pieces is Events {
  const [first] = pieces;
  return first !== undefined && "event" in first;
}

function joined(chunks: Chunks): Chunks {
  if (chunks.length === 0) return [];
  return [chunks.reduce((all, chunk) => all.concat(chunk))];
}

async function chunksOf(events: Events): Promise<Chunks> {
  const message = await new ChatModelStream(each(events));
  return [chunkOf(message.text, message)];
}

function chunkOf(
  text: string,
  message: ChatResult["generations"][number]["message"],
  generationInfo?: Record<string, unknown>,
): ChatGenerationChunk {
  return new ChatGenerationChunk({
    text,
    message: convertToChunk(message),
    ...(generationInfo === undefined ? {} : { generationInfo }),
  });
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
