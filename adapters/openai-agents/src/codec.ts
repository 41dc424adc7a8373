/**
 * Errors of the SDK are told by class after a restart as before. The state of the run, which they carry
 * for whoever catches them, is not kept: it is made again where the run is.
 */
import type { CodecExtension } from "@holdfast/core";
import * as agents from "@openai/agents";

interface StoredError {
  readonly class: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const sdkErrors: CodecExtension<agents.AgentsError> = {
  tag: "openai-agents/error",
  is: (value): value is agents.AgentsError => value instanceof agents.AgentsError,
  encode(error) {
    const { state: _, ...data } = error;
    return { class: error.constructor.name, message: error.message, data };
  },
  decode(stored) {
    const { class: name, message, data } = stored as StoredError;
    return Object.assign(made(name, message, data), data);
  },
};

export const openaiAgentsCodec: readonly CodecExtension[] = [sdkErrors];

/** The SDK knows its errors of tools by their constructors having made them. */
function made(name: string, message: string, data: StoredError["data"]): agents.AgentsError {
  if (name === "ToolTimeoutError") return new agents.ToolTimeoutError(data as never);
  if (name === "ToolCallError") return new agents.ToolCallError(message, data.error as Error);
  const found: unknown = Reflect.get(agents, name);
  const type = isErrorClass(found) ? found : agents.AgentsError;
  return Reflect.construct(Error, [message], type) as agents.AgentsError;
}

function isErrorClass(value: unknown): value is typeof agents.AgentsError {
  return typeof value === "function" && value.prototype instanceof agents.AgentsError;
}
