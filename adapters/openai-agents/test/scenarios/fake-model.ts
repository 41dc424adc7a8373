// A model whose answer is a function of the request it is given. Each call is one effect, reported
// before the first token; streaming and not streaming differ in nothing else.
import {
  type Model,
  type ModelRequest,
  type ModelResponse,
  type protocol,
  type StreamEvent,
  Usage,
} from "@openai/agents";
import type { Effect } from "./scenario.ts";

/** A tool call or handoff: its name, its arguments, and an id that is unique in the run. */
interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly id: string;
}

/** What is said, which functions are called, or items of any kind. */
export type Answer = string | readonly Call[] | { readonly items: readonly OutputItem[] };

type OutputItem = protocol.OutputModelItem;

const USAGE = { requests: 1, inputTokens: 10, outputTokens: 5, totalTokens: 15 };

export class FakeModel implements Model {
  readonly #effect: Effect;
  readonly #name: (request: ModelRequest) => string;
  readonly #answer: (request: ModelRequest) => Answer;

  /** @param name what it is called; of agents that run side by side, by what it is asked */
  constructor(
    effect: Effect,
    name: string | ((request: ModelRequest) => string),
    answer: (request: ModelRequest) => Answer,
  ) {
    this.#effect = effect;
    this.#name = typeof name === "string" ? () => name : name;
    this.#answer = answer;
  }

  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    const { id, answer } = await this.#ask(request);
    return { usage: new Usage(USAGE), output: output(id, answer), responseId: id };
  }

  async *getStreamedResponse(request: ModelRequest): AsyncIterable<StreamEvent> {
    const { id, answer } = await this.#ask(request);
    yield { type: "response_started" };
    if (typeof answer === "string") {
      for (const delta of answer.split(/(?<= )/)) yield { type: "output_text_delta", delta };
    }
    yield { type: "response_done", response: { id, usage: USAGE, output: output(id, answer) } };
  }

  async #ask(request: ModelRequest): Promise<{ id: string; answer: Answer }> {
    const heard = typeof request.input === "string" ? 1 : request.input.length;
    const name = this.#name(request);
    await this.#effect(`model: ${name} (${heard})`);
    return { id: `${name}_${heard}`, answer: this.#answer(request) };
  }
}

/** The results of tools that a request shows, by the id of their call. */
export function results(request: ModelRequest): ReadonlyMap<string, unknown> {
  const items = typeof request.input === "string" ? [] : request.input;
  return new Map(
    items.flatMap((item) =>
      item.type === "function_call_result" ? [[item.callId, item.output]] : [],
    ),
  );
}

function output(id: string, answer: Answer): OutputItem[] {
  if (typeof answer === "object" && "items" in answer) return [...answer.items];
  if (typeof answer !== "string") return answer.map(call);
  const content = [{ type: "output_text" as const, text: answer }];
  return [{ type: "message", role: "assistant", status: "completed", id: `msg_${id}`, content }];
}

function call({ name, args, id }: Call): OutputItem {
  return {
    type: "function_call",
    id: `fc_${id}`,
    callId: id,
    name,
    arguments: JSON.stringify(args),
    status: "completed",
  };
}
