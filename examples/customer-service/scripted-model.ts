/** A model of the SDK that says what is next in a script, by how many calls it has made already. */
import {
  type Model,
  type ModelRequest,
  type ModelResponse,
  type protocol,
  type StreamEvent,
  Usage,
} from "@openai/agents";
import { outside } from "../story/outside.ts";

const CALLS = [
  { name: "find_booking", args: { code: "QX7F2A" } },
  { name: "transfer_to_Refunds", args: {} },
  { name: "refund", args: { booking: "QX7F2A", euros: 240 } },
  { name: "transfer_to_Seats", args: {} },
  { name: "book_seat", args: { booking: "QX7F2A", seat: "4A" } },
];
const LAST = "Your 240 € are on their way back, and seat 4A is yours tomorrow.";
const TOKENS = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

export class ScriptedModel implements Model {
  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    return { usage: new Usage(TOKENS), output: [await next(request)] };
  }

  async *getStreamedResponse(request: ModelRequest): AsyncIterable<StreamEvent> {
    const output = [await next(request)];
    yield { type: "response_done", response: { id: "scripted", usage: TOKENS, output } };
  }
}

function next({ input }: ModelRequest): Promise<protocol.OutputModelItem> {
  const said = typeof input === "string" ? [] : input;
  const nth = said.filter(({ type }) => type === "function_call").length;
  return outside("asked the model", nth < CALLS.length ? call(nth) : message());
}

function call(nth: number): protocol.FunctionCallItem {
  const { name, args } = CALLS[nth]!;
  const json = JSON.stringify(args);
  return {
    type: "function_call",
    callId: `call_${nth}`,
    name,
    arguments: json,
    status: "completed",
  };
}

function message(): protocol.AssistantMessageItem {
  const content = [{ type: "output_text" as const, text: LAST }];
  return { type: "message", role: "assistant", status: "completed", content };
}
