/**
 * Agents of OpenAI's SDK, over a model that answers at once: what is measured is what is around it. A
 * working agent calls a tool each turn, a chatting one only says something.
 */
import {
  Agent,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type protocol,
  setTracingDisabled,
  tool,
  Usage,
} from "@openai/agents";
import { z } from "zod";
import { randomText } from "../random-text.ts";

// Neither of the two that are compared is to send traces away.
setTracingDisabled(true);

export const TEXT_LENGTH = 1600;

export interface OpenAIAgent {
  readonly agent: Agent;
  /** Resolves when it comes to the turn that it stays at. */
  readonly stays: Promise<void>;
  /** Every text that was said to it or by it, once. */
  readonly said: readonly string[];
}

/** @param staysAt the turn that never comes to its model call. Default: none. */
export function workingAgent(turns: number, staysAt?: number): OpenAIAgent {
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
    return text;
  };
  const look = tool({
    name: "look",
    description: "Looks into a file.",
    parameters: z.object({ path: z.string() }),
    execute: () => say(randomText(TEXT_LENGTH)),
  });
  let turn = 0;
  const { promise: stays, resolve: tellStays } = Promise.withResolvers<void>();
  const model = new TalkingModel((nth) => {
    const text = message(say(randomText(TEXT_LENGTH)));
    return nth < turns ? [text, call(nth)] : [text];
  });
  const agent = new Agent({
    name: "Worker",
    instructions: async () => {
      turn += 1;
      if (turn === staysAt) {
        tellStays();
        await new Promise(() => {});
      }
      return "You look into files.";
    },
    model,
    tools: [look],
  });
  return { agent, stays, said };
}

export function chattingAgent(): Omit<OpenAIAgent, "stays"> {
  const said: string[] = [];
  const model = new TalkingModel(() => {
    const text = randomText(TEXT_LENGTH);
    said.push(text);
    return [message(text)];
  });
  return { agent: new Agent({ name: "Friend", model }), said };
}

class TalkingModel implements Model {
  readonly #answer: (nth: number) => protocol.OutputModelItem[];

  /** @param answer to the how-manieth question of a run */
  constructor(answer: (nth: number) => protocol.OutputModelItem[]) {
    this.#answer = answer;
  }

  async getResponse({ input }: ModelRequest): Promise<ModelResponse> {
    const said = typeof input === "string" ? [] : input;
    const nth = 1 + said.filter(({ type }) => type === "function_call").length;
    const usage = new Usage({ requests: 1, inputTokens: 10, outputTokens: 5, totalTokens: 15 });
    return { usage, output: this.#answer(nth), responseId: `resp_${nth}` };
  }

  getStreamedResponse(): never {
    throw new Error("Nothing is streamed here.");
  }
}

function message(text: string): protocol.AssistantMessageItem {
  const content = [{ type: "output_text" as const, text }];
  return { type: "message", role: "assistant", status: "completed", content };
}

function call(nth: number): protocol.FunctionCallItem {
  const json = JSON.stringify({ path: `/src/${nth}` });
  return {
    type: "function_call",
    callId: `call_${nth}`,
    name: "look",
    arguments: json,
    status: "completed",
  };
}
