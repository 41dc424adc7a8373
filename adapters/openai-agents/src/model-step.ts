/**
 * Calls of models as steps. The turn tells which call of its agent's run it is: a prompt that changed
 * since is noted as drift, and never costs a second call. A model that calls another one is one step.
 */
import { intercept, type RunContext, type StepCall } from "@holdfast/core/adapter";
import {
  type Model,
  type ModelProvider,
  type ModelRequest,
  type ModelResponse,
  type StreamEvent,
  Usage,
} from "@openai/agents";
import { type AgentRun, currentAgentRun } from "./agent-run.ts";
import { liveStep, liveStream } from "./live-step.ts";
import { ownerOf } from "./owner-of.ts";

/** Intercepts the class of a model. Of an object that is no instance of one: the object. */
export function interceptModel(model: string | Model | undefined): void {
  if (typeof model !== "object") return;
  const whole = ownerOf(model, "getResponse");
  if (whole !== undefined) intercept(whole, "getResponse", aroundResponse);
  const streamed = ownerOf(model, "getStreamedResponse");
  if (streamed !== undefined) intercept(streamed, "getStreamedResponse", aroundStream);
}

/** Intercepts the models that a provider hands out. */
export function interceptProvider(provider: ModelProvider): void {
  const owner = ownerOf(provider, "getModel");
  if (owner === undefined) return;
  intercept<ModelProvider, [name?: string], Promise<Model>>(
    owner,
    "getModel",
    async ({ original }, name) => {
      const model = await original(name);
      interceptModel(model);
      return model;
    },
  );
}

async function aroundResponse(
  {
    run,
    target,
    original,
  }: {
    readonly run: RunContext;
    readonly target: Model;
    readonly original: (request: ModelRequest) => Promise<ModelResponse>;
  },
  request: ModelRequest,
): Promise<ModelResponse> {
  if (run.inside?.kind === "model") return original(request);
  const agentRun = currentAgentRun();
  const call = modelCall(run, target, request, agentRun);
  const step = () =>
    liveStep<Stored | readonly StreamEvent[]>(run, {
      ...call,
      async body() {
        const response = await original(request);
        // The SDK does not take what comes after its own time limit.
        request.signal?.throwIfAborted();
        return storable(response);
      },
    });
  const recorded = await (agentRun === undefined ? step() : agentRun.inTurn(step));
  const response = isStreamed(recorded) ? wholeOf(recorded) : recorded;
  return { ...response, usage: new Usage(response.usage) };
}

function aroundStream(
  {
    run,
    target,
    original,
  }: {
    readonly run: RunContext;
    readonly target: Model;
    readonly original: (request: ModelRequest) => AsyncIterable<StreamEvent>;
  },
  request: ModelRequest,
): AsyncIterable<StreamEvent> {
  if (run.inside?.kind === "model") return original(request);
  const agentRun = currentAgentRun();
  const pieces = liveStream<StreamEvent>(run, {
    ...modelCall(run, target, request, agentRun),
    // What comes last sets tools off.
    holdFrom: ({ type }) => type === "response_done",
    recorded: (value) =>
      isStreamed(value as Stored) ? (value as StreamEvent[]) : eventsOf(value as Stored),
    stream: () => original(request),
  });
  return agentRun === undefined ? pieces : inTurn(agentRun, pieces);
}

/** A generator runs where it is asked from: each time in the scope of the turn. */
async function* inTurn<T>(agentRun: AgentRun, pieces: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = await agentRun.inTurn(() => pieces.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await agentRun.inTurn(() => pieces.return(undefined));
  }
}

function modelCall(
  run: RunContext,
  model: Model,
  { systemInstructions, input, signal }: ModelRequest,
  agentRun: AgentRun | undefined,
): Omit<StepCall<never>, "body" | "effect"> {
  const name = nameOf(model, agentRun);
  // Instructions come last: they may change with every turn, and lists are stored by how they begin.
  const given = [...(typeof input === "string" ? [input] : input), systemInstructions ?? null];
  const policy = run.policies.models?.[name];
  return {
    kind: "model",
    name,
    callId: agentRun && `turn ${agentRun.turn}`,
    input: given,
    ...(policy === undefined ? {} : { policy }),
    // Given up by who asked for it, nothing came of it. That it took too long is an outcome.
    leaves: () => signal?.aborted === true && !isTimeout(signal.reason),
  };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "ModelTimeoutError";
}

/** As the agent calls its model, or the class of it. */
function nameOf(model: Model, agentRun: AgentRun | undefined): string {
  const named = agentRun?.agent?.model;
  return typeof named === "string" && named !== "" ? named : model.constructor.name;
}

type Stored = Omit<ModelResponse, "usage"> & { readonly usage: object };

function isStreamed(recorded: Stored | readonly StreamEvent[]): recorded is readonly StreamEvent[] {
  return Array.isArray(recorded);
}

/** What was streamed when it was recorded, for who asks for a whole: as the SDK makes one of a stream. */
function wholeOf(events: readonly StreamEvent[]): Stored {
  const done = events.find((event) => event.type === "response_done");
  if (done === undefined) return { usage: {}, output: [] };
  const { id, requestId, usage, output } = done.response;
  const request = requestId === undefined ? {} : { requestId };
  return { usage, output, responseId: id, ...request };
}

/** A whole that is on record, for who asks for a stream. */
function eventsOf({ responseId, requestId, providerData, usage, output }: Stored): StreamEvent[] {
  const texts = output.flatMap((item) =>
    item.type === "message" && item.role === "assistant"
      ? item.content.flatMap((part) => (part.type === "output_text" ? [part.text] : []))
      : [],
  );
  const response = {
    id: responseId ?? "",
    usage,
    output,
    ...(requestId === undefined ? {} : { requestId }),
    ...(providerData === undefined ? {} : { providerData }),
  } as StreamedResponse;
  return [
    { type: "response_started" },
    ...texts.map((delta): StreamEvent => ({ type: "output_text_delta", delta })),
    { type: "response_done", response },
  ];
}

type StreamedResponse = Extract<StreamEvent, { type: "response_done" }>["response"];

/** Usage as plain data: whoever reads the journal can, with or without the SDK. */
function storable({ usage, providerData, ...response }: ModelResponse): Stored {
  const known = Object.entries(usage).filter(([, value]) => value !== undefined);
  return {
    ...response,
    usage: structuredClone(Object.fromEntries(known)),
    // Without the request's id, which OpenAI's client hides in it, and which stands beside.
    ...(providerData === undefined ? {} : { providerData: { ...providerData } }),
  };
}
