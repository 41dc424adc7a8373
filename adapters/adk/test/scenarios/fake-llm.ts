// A model whose answer is a function of the request it is given. Each call is one effect, reported
// before the first token; streaming and not streaming differ in nothing else. Its calls have no ids,
// as Gemini's have none, unless the answer gives them some.
import {
  BaseLlm,
  type BaseLlmConnection,
  type LlmRequest,
  type LlmResponse,
  LogLevel,
  setLogLevel,
} from "@google/adk";
import type { Effect } from "./scenario.ts";

// ADK writes to the console what it does, unless it is told not to.
setLogLevel(LogLevel.ERROR);

interface Call {
  readonly id?: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Answer = string | readonly Call[];

const USAGE = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };

export class FakeLlm extends BaseLlm {
  readonly #effect: Effect;
  readonly #answer: (request: LlmRequest) => Answer;
  readonly #about: (request: LlmRequest) => unknown;

  /** @param about what tells its calls apart; default: how much it is told */
  constructor(
    effect: Effect,
    name: string,
    answer: (request: LlmRequest) => Answer,
    about: (request: LlmRequest) => unknown = ({ contents }) => contents.length,
  ) {
    super({ model: name });
    this.#about = about;
    this.#effect = effect;
    this.#answer = answer;
  }

  override async *generateContentAsync(
    request: LlmRequest,
    stream = false,
  ): AsyncGenerator<LlmResponse, void> {
    await this.#effect(`model: ${this.model} (${this.#about(request)})`);
    const answer = this.#answer(request);
    if (typeof answer !== "string") {
      const parts = answer.map((call) => ({ functionCall: { ...call, args: { ...call.args } } }));
      yield { content: { role: "model", parts }, usageMetadata: USAGE };
      return;
    }
    if (stream) {
      for (const text of answer.split(/(?<= )/)) {
        yield { content: { role: "model", parts: [{ text }] }, partial: true };
      }
    }
    yield { content: { role: "model", parts: [{ text: answer }] }, usageMetadata: USAGE };
  }

  override connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error("The fake model has no live connection."));
  }
}

/** What the function of that name has answered in the conversation so far, oldest first. */
export function responses(request: LlmRequest, name: string): readonly unknown[] {
  return request.contents
    .flatMap(({ parts }) => parts ?? [])
    .flatMap(({ functionResponse }) =>
      functionResponse?.name === name ? [functionResponse.response] : [],
    );
}

/** Everything that was said in the conversation so far, as one text. */
export function said(request: LlmRequest): string {
  return request.contents
    .flatMap(({ parts }) => (parts ?? []).map(({ text }) => text ?? ""))
    .join("\n");
}

/** The last line of the instruction, which is the agent's own. */
export function instruction(request: LlmRequest): string {
  return String(request.config?.systemInstruction).split("\n").at(-1) ?? "";
}
