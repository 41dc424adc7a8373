/**
 * The forms of a response, OpenAI's other API, whole and streamed. What is answered is decided as for a
 * chat. Invariant: they follow from the request alone, ids included.
 */
import type { ChatMessage, ChatRequest, Said } from "./chat-completion.ts";

export interface InputItem {
  readonly type?: string;
  readonly role?: string;
  readonly content?: unknown;
  readonly call_id?: string;
  readonly output?: unknown;
}

export interface ResponseRequest {
  readonly model: string;
  readonly input: string | readonly InputItem[];
  readonly instructions?: string;
  readonly tools?: readonly { readonly type: string; readonly name?: string }[];
  readonly stream?: boolean;
  readonly previous_response_id?: string | null;
  readonly conversation?: string | { readonly id: string } | null;
}

const USAGE = {
  input_tokens: 11,
  output_tokens: 5,
  total_tokens: 16,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};

/** The same, asked as a chat. */
export function asChat({ model, input, tools = [], stream }: ResponseRequest): ChatRequest {
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const named = tools.flatMap(({ name }) => (name === undefined ? [] : [{ function: { name } }]));
  return {
    model,
    messages: items.flatMap(messagesOf),
    ...(named.length === 0 ? {} : { tools: named }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function messagesOf({ type, role, content, call_id, output }: InputItem): ChatMessage[] {
  if (type === "function_call_output") {
    const result = { role: "tool", content: output };
    return [call_id === undefined ? result : { ...result, tool_call_id: call_id }];
  }
  if (role === undefined) return [];
  const parts = Array.isArray(content) ? (content as readonly { readonly text?: string }[]) : [];
  const text = typeof content === "string" ? content : parts.map(({ text = "" }) => text).join("");
  return [{ role, content: text }];
}

interface WholeResponse {
  readonly id: string;
  readonly status: "completed";
  readonly output: readonly object[];
  readonly usage: object;
}

export function wholeResponse(request: ResponseRequest, said: Said): WholeResponse {
  return {
    ...headOf(request),
    status: "completed",
    output: outputOf(request, said),
    usage: USAGE,
  };
}

/** From `response.created` to `response.completed`, what is said word by word. */
export function* responseEvents(request: ResponseRequest, said: Said): Generator<object> {
  let sequence_number = 0;
  const event = (type: string, more: object) => ({
    type,
    sequence_number: sequence_number++,
    ...more,
  });
  const begun = { ...headOf(request), status: "in_progress", output: [] };
  yield event("response.created", { response: begun });
  for (const [output_index, item] of outputOf(request, said).entries()) {
    yield event("response.output_item.added", {
      output_index,
      item: { ...item, status: "in_progress" },
    });
    const words = "text" in said ? said.text.split(/(?<= )/) : [];
    for (const delta of words) {
      const place = { item_id: item.id, output_index, content_index: 0 };
      yield event("response.output_text.delta", { ...place, delta });
    }
    yield event("response.output_item.done", { output_index, item });
  }
  yield event("response.completed", { response: wholeResponse(request, said) });
}

function headOf(request: ResponseRequest): { readonly id: string } {
  const head = {
    object: "response",
    created_at: 0,
    model: request.model,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
  };
  return { id: `resp_${lengthOf(request)}`, ...head };
}

function outputOf(request: ResponseRequest, said: Said): readonly { readonly id: string }[] {
  const length = lengthOf(request);
  if ("text" in said) {
    const content = [{ type: "output_text", text: said.text, annotations: [] }];
    const message = { type: "message", role: "assistant", status: "completed", content };
    return [{ id: `msg_${length}`, ...message }];
  }
  return said.calls.map(({ name, args }, nth) => ({
    id: `fc_${length}_${nth}`,
    type: "function_call",
    call_id: `call_${length}_${nth}`,
    name,
    arguments: JSON.stringify(args),
    status: "completed",
  }));
}

function lengthOf({ input }: ResponseRequest): number {
  return typeof input === "string" ? 1 : input.length;
}
