/** Which conversation a run belongs to: its session, or the conversation that OpenAI keeps. */
import type { Session } from "@openai/agents";

interface Conversing {
  readonly session?: Session | string;
  readonly conversationId?: string;
}

export async function threadOf(_app: unknown, options: unknown): Promise<string | undefined> {
  const { session, conversationId } = (options ?? {}) as Conversing;
  if (session === undefined) return conversationId;
  return typeof session === "string" ? session : session.getSessionId();
}
