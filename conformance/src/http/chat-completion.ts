/**
 * The forms of a chat completion, whole and streamed, as OpenAI sends them. Invariant: they follow from
 * the request alone, ids included, so that any two processes are answered alike.
 */

export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_call_id?: string;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice?: unknown;
  readonly response_format?: { readonly type: string };
  readonly stream?: boolean;
}

/**
 * What is said, or which tools are to be called. `cutAfter`: of a stream, how many pieces there are before
 * the connection is lost.
 */
export type ChatAnswer =
  | { readonly text: string; readonly cutAfter?: number }
  | { readonly calls: readonly { readonly name: string; readonly args: object }[] }
  | { readonly error: string; readonly status: number };

export type Said = Exclude<ChatAnswer, { readonly error: string }>;

const USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };

/**
 * Calls the first tool there is, once; says JSON where that is asked for; else repeats what it heard.
 * What it hears decides about failures: `fail 503` is answered with that status.
 */
export function echo({ messages, tools, response_format }: ChatRequest): ChatAnswer {
  const last = messages.at(-1);
  const heard = typeof last?.content === "string" ? last.content : JSON.stringify(last?.content);
  const status = /\bfail (\d{3})\b/.exec(heard)?.[1];
  if (status !== undefined) return { error: `told to fail: ${heard}`, status: Number(status) };
  const [tool] = tools ?? [];
  if (tool !== undefined && last?.role !== "tool") {
    return { calls: [{ name: tool.function.name, args: { q: heard } }] };
  }
  if (response_format !== undefined && response_format.type !== "text") {
    return { text: JSON.stringify({ q: heard }) };
  }
  return { text: `reply to ${heard}` };
}

export function whole(request: ChatRequest, said: Said): object {
  const message = { role: "assistant", content: textOf(said), ...callsOf(request, said) };
  return {
    ...headOf(request),
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: reasonOf(said), message }],
    usage: USAGE,
  };
}

/** A role, then word by word, the usage last. */
export function* pieces(request: ChatRequest, said: Said): Generator<object> {
  const piece = (delta: object, finish_reason: string | null = null) => ({
    ...headOf(request),
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
  });
  yield piece({ role: "assistant", content: "" });
  for (const content of textOf(said)?.split(/(?<= )/) ?? []) yield piece({ content });
  const { tool_calls = [] } = callsOf(request, said);
  for (const [index, call] of tool_calls.entries()) {
    yield piece({ tool_calls: [{ index, ...call }] });
  }
  yield piece({}, reasonOf(said));
  yield { ...headOf(request), object: "chat.completion.chunk", choices: [], usage: USAGE };
}

function headOf({ model, messages }: ChatRequest): object {
  return { id: `chatcmpl-${messages.length}`, model, created: 0 };
}

function textOf(said: Said): string | null {
  return "text" in said ? said.text : null;
}

function callsOf({ messages }: ChatRequest, said: Said) {
  if ("text" in said) return {};
  const tool_calls = said.calls.map(({ name, args }, nth) => ({
    id: `call_${messages.length}_${nth}`,
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));
  return { tool_calls };
}

function reasonOf(said: Said): string {
  return "text" in said ? "stop" : "tool_calls";
}
