/**
 * One turn of a conversation: ADK's own runner, over the session as it was before. In another execution
 * it is the same turn again.
 */
import type { CompositeSessionKey, Event, Runner } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import type { AdkApp } from "./app.ts";
import type { AdkInput, AdkOptions, AdkOutput } from "./app-types.ts";
import { sessionKeyOf } from "./conversation.ts";
import { eventStamps } from "./event-stamps.ts";
import { OpenTurn } from "./open-turn.ts";
import { finalOutput } from "./output.ts";
import { eventNow } from "./plain-event.ts";
import { refuseLive } from "./refuse-live.ts";
import type { RunSessions } from "./run-sessions.ts";
import { servicesOf } from "./services.ts";
import { toolsetsOf } from "./toolsets.ts";

export interface Turn {
  readonly app: AdkApp;
  readonly input: AdkInput;
  readonly options: AdkOptions;
  readonly run: RunContext;
  /** Told each event that no earlier execution came to. */
  readonly emit?: (event: Event) => void;
}

export async function takeTurn({ app, input, options, run, emit }: Turn): Promise<AdkOutput> {
  refuseLive(options);
  const { runner, sessions } = servicesOf(app, run);
  const key = sessionKeyOf(app, options, run);
  if (sessions.makes) await sessions.getOrCreate(key);
  const turn = new OpenTurn(run, (events) => outputOf(events, sessions, key), emit);
  const { userId: _, sessionId: __, ...parameters } = options;
  const { userId, sessionId } = key;
  const newMessage = messageOf(input);
  const stopClosing = closeToolsetsWhenLeft(runner, run);
  const stamps = eventStamps(run);
  const events = runner.runAsync({ userId, sessionId, newMessage, ...parameters });
  try {
    for (;;) {
      const next = await Promise.race([events.next(), turn.failed]);
      if (next.done) break;
      const isNew = !stamps.isRecorded(next.value);
      turn.say(eventNow(run, next.value), isNew);
    }
  } catch (error) {
    closeToolsets(runner, run);
    throw error;
  } finally {
    stopClosing();
    turn.close();
  }
  return outputOf(turn.events, sessions, key);
}

function outputOf(
  events: readonly Event[],
  sessions: RunSessions,
  key: CompositeSessionKey,
): AdkOutput {
  return { events, output: finalOutput(events), state: { ...sessions.stateOf(key) } };
}

function messageOf(input: AdkInput): Exclude<AdkInput, string> {
  return typeof input === "string"
    ? { role: "user", parts: [{ text: input }] }
    : { role: "user", ...input };
}

/** The runner closes them when it ends: one that is left where it stands never does. */
function closeToolsetsWhenLeft(runner: Runner, run: RunContext): () => void {
  const close = () => closeToolsets(runner, run);
  run.signal.addEventListener("abort", close, { once: true });
  return () => run.signal.removeEventListener("abort", close);
}

function closeToolsets({ agent }: Runner, { logger, runId }: RunContext): void {
  for (const toolset of toolsetsOf(agent)) {
    toolset.close().catch((error: unknown) => {
      logger.warn("A toolset could not be closed.", { runId, error });
    });
  }
}
