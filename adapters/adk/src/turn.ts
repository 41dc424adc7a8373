/**
 * One turn of a conversation: ADK's own runner, over a session in memory that lasts as long as the
 * turn. In another execution it is the same turn again.
 */
import type { BaseNode, Event, InMemorySessionService, Runner } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import type { AdkInput, AdkOptions, AdkOutput } from "./app-types.ts";
import { copyOf } from "./copies.ts";
import { eventStamps } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";
import { finalOutput } from "./output.ts";
import { eventOf, plainEvent } from "./plain-event.ts";
import { toolsetsOf } from "./toolsets.ts";

export interface Turn {
  readonly app: BaseNode;
  readonly input: AdkInput;
  readonly options: AdkOptions;
  readonly run: RunContext;
}

export async function takeTurn({ app, input, options, run }: Turn): Promise<AdkOutput> {
  const copy = copyOf(app);
  const { userId = "user", sessionId = run.runId, ...parameters } = options;
  const key = { appName: app.name, userId, sessionId };
  const sessionService = new copy.InMemorySessionService();
  stampEvents(sessionService);
  await sessionService.createSession(key);
  const runner = new copy.Runner({
    agent: app,
    appName: app.name,
    sessionService,
    artifactService: new copy.InMemoryArtifactService(),
    memoryService: new copy.InMemoryMemoryService(),
  });

  const events: Event[] = [];
  const stopClosing = closeToolsetsWhenLeft(runner, run);
  const newMessage = messageOf(input);
  try {
    for await (const event of runner.runAsync({ userId, sessionId, newMessage, ...parameters })) {
      events.push(eventOf(plainEvent(event)));
    }
  } finally {
    stopClosing();
  }
  const session = await sessionService.getSession(key);
  return { events, output: finalOutput(events), state: session?.state ?? {} };
}

function messageOf(input: AdkInput): Exclude<AdkInput, string> {
  return typeof input === "string"
    ? { role: "user", parts: [{ text: input }] }
    : { role: "user", ...input };
}

/** Events that come from no agent and no node, such as the user's message, get their ids here. */
function stampEvents(sessions: InMemorySessionService): void {
  intercept<
    InMemorySessionService,
    Parameters<InMemorySessionService["appendEvent"]>,
    Promise<Event>
  >(sessions, "appendEvent", ({ run, original }, request) => {
    eventStamps(run).stamp(request.event, run.path);
    return original(request);
  });
}

/** The runner closes them when it ends: one that is left where it stands never does. */
function closeToolsetsWhenLeft({ agent }: Runner, run: RunContext): () => void {
  const close = () => {
    for (const toolset of toolsetsOf(agent)) {
      toolset.close().catch((error: unknown) => {
        run.logger.warn("A toolset could not be closed.", { runId: run.runId, error });
      });
    }
  };
  run.signal.addEventListener("abort", close, { once: true });
  return () => run.signal.removeEventListener("abort", close);
}
