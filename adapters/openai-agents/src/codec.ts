/**
 * Errors of the SDK and its accounts of requests are told by class after a restart as before, by that of
 * the copy they are of. The state of the run, which errors carry for whoever catches them, is not kept: it
 * is made again where the run is.
 */
import type { CodecExtension } from "@holdfast/core";
import * as agents from "@openai/agents";
import { requiredCopy } from "./sdk.ts";

interface StoredError {
  readonly class: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether it is of the copy that is loaded by `require()`. */
  readonly required?: true;
}

const sdkErrors: CodecExtension<agents.AgentsError> = {
  tag: "openai-agents/error",
  is: (value): value is agents.AgentsError => value instanceof Error && isOf(value, "AgentsError"),
  encode(error) {
    const { state: _, ...data } = error;
    const copy = error instanceof agents.AgentsError ? {} : { required: true };
    return { class: error.constructor.name, message: error.message, data, ...copy };
  },
  decode(stored) {
    const { class: name, message, data, required } = stored as StoredError;
    const copy = (required && requiredCopy()?.agents) || agents;
    return Object.assign(madeBy(copy, name, message, data), data);
  },
};

const requestUsage: CodecExtension<agents.RequestUsage> = {
  tag: "openai-agents/request-usage",
  is: (value): value is agents.RequestUsage => isOf(value, "RequestUsage"),
  encode: (usage) => ({ ...usage }),
  decode: (usage) => new agents.RequestUsage(usage as agents.RequestUsage),
};

export const openaiAgentsCodec: readonly CodecExtension[] = [sdkErrors, requestUsage];

/** The SDK knows its errors of tools by their constructors having made them. */
function madeBy(
  copy: typeof agents,
  name: string,
  message: string,
  data: StoredError["data"],
): agents.AgentsError {
  if (name === "ToolTimeoutError") return new copy.ToolTimeoutError(data as never);
  if (name === "ToolCallError") return new copy.ToolCallError(message, data.error as Error);
  const found: unknown = Reflect.get(copy, name);
  const isError = typeof found === "function" && found.prototype instanceof copy.AgentsError;
  return Reflect.construct(Error, [message], isError ? found : copy.AgentsError);
}

/** Whether it is of this class or one below, of whichever copy. */
function isOf(value: unknown, name: string): boolean {
  for (let at = value; typeof at === "object" && at !== null; at = Object.getPrototypeOf(at)) {
    if (at.constructor?.name === name) return true;
  }
  return false;
}
