/**
 * What OpenAI keeps of what was said: a request names the response before it, or the conversation, and
 * says only what is new. Invariant: a request that refers to what is not kept is refused, as there.
 */
import type { InputItem, ResponseRequest } from "./response.ts";

interface Refusal {
  readonly error: string;
  readonly status: number;
}

export class KeptConversations {
  readonly #items = new Map<string, readonly InputItem[]>();

  /** The items of a conversation, or up to a response. */
  of(id: string): readonly InputItem[] {
    return this.#items.get(id) ?? [];
  }

  /** The request with all that was said before it. */
  whole(request: ResponseRequest): ResponseRequest | Refusal {
    const { previous_response_id: previous, conversation, input } = request;
    if (previous != null && !this.#items.has(previous)) {
      return { error: `Previous response with id '${previous}' not found.`, status: 400 };
    }
    const before = this.of(previous ?? idOf(conversation) ?? "");
    const said = typeof input === "string" ? [{ role: "user", content: input }] : input;
    const items = [...before, ...said];
    const calls = new Set(items.map(({ type, call_id }) => type === "function_call" && call_id));
    const lost = said.find(
      ({ type, call_id }) => type === "function_call_output" && !calls.has(call_id),
    );
    if (lost === undefined) return { ...request, input: items };
    const error = `No tool call found for function call output with call_id ${lost.call_id}.`;
    return { error, status: 400 };
  }

  keep(
    { input, conversation }: ResponseRequest,
    response: string,
    output: readonly object[],
  ): void {
    const items = [...(input as readonly InputItem[]), ...output];
    this.#items.set(response, items);
    const id = idOf(conversation);
    if (id !== undefined) this.#items.set(id, items);
  }
}

function idOf(conversation: ResponseRequest["conversation"]): string | undefined {
  return typeof conversation === "object" ? conversation?.id : conversation;
}
