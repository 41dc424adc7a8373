// A result as data that two executions have in common: what was said and done, by whom, at which
// cost, and what became of the context. Ids are left out, but for those of calls.
import type {
  Agent,
  RunContext,
  RunItem,
  RunState,
  RunStreamEvent,
  RunToolApprovalItem,
} from "@openai/agents";
import type { Notes } from "./scenario.ts";

/** What a streamed result and one that is not have in common. */
export interface Result {
  readonly finalOutput?: unknown;
  readonly interruptions: RunToolApprovalItem[];
  readonly lastAgent: { readonly name: string } | undefined;
  readonly newItems: RunItem[];
  readonly runContext: RunContext<Notes>;
  readonly state: RunState<Notes, Agent<Notes>>;
}

export interface PlainResult {
  readonly output: unknown;
  readonly agent: string | undefined;
  readonly items: readonly string[];
  readonly waiting: readonly string[];
  readonly usage: string;
  readonly notes: Readonly<Record<string, string>>;
  readonly heard?: readonly string[];
}

/** @param heard what listeners were told of it */
export function plain(result: Result, heard?: readonly string[]): PlainResult {
  const { requests, totalTokens } = result.state.usage;
  const isOver = result.interruptions.length === 0;
  return {
    // The SDK warns on the console when an output is asked for that is not there yet.
    output: isOver ? result.finalOutput : undefined,
    agent: result.lastAgent?.name,
    items: result.newItems.map(line),
    waiting: result.interruptions.map(line),
    usage: `${requests} requests, ${totalTokens} tokens`,
    notes: { ...result.runContext.context.notes },
    ...(heard === undefined ? {} : { heard: [...heard] }),
  };
}

/** An error that ends a run, as people see it. */
export function plainError(error: unknown): string {
  return `${(error as Error).name}: ${(error as Error).message}`;
}

export function plainEvent(event: RunStreamEvent): string {
  switch (event.type) {
    case "agent_updated_stream_event":
      return `agent ${event.agent.name}`;
    case "run_item_stream_event":
      return `${event.name}: ${line(event.item)}`;
    case "raw_model_stream_event":
      return event.data.type === "output_text_delta" ? `"${event.data.delta}"` : event.data.type;
  }
}

function line(item: RunItem): string {
  const agent = "agent" in item ? item.agent.name : item.sourceAgent.name;
  return `${item.type} of ${agent}: ${content(item)}`;
}

function content({ rawItem }: RunItem): string {
  switch (rawItem?.type) {
    case "function_call":
      return `[${rawItem.callId}] ${rawItem.name}(${rawItem.arguments})`;
    case "function_call_result":
      return `[${rawItem.callId}] ${JSON.stringify(rawItem.output)} ${rawItem.status}`;
    case "message":
      return JSON.stringify(rawItem.content);
    default:
      return JSON.stringify(rawItem);
  }
}
