/** What a call of a model is to the journal: who is asked, what it is told, and with which settings. */
import type { RunContext, StepPolicy } from "@holdfast/core/adapter";

export interface ModelCall {
  readonly kind: "model";
  readonly name: string;
  readonly input: readonly unknown[];
  readonly identity: unknown;
  readonly policy?: StepPolicy;
}

export interface Asked {
  readonly model: object;
  readonly options: object | undefined;
  /** As it is told, in order. */
  readonly told: readonly unknown[];
  /** The same, without what differs from one execution to the next. */
  readonly identity: readonly unknown[];
}

export function modelCall(run: RunContext, { model, options, told, identity }: Asked): ModelCall {
  const name = nameOf(model);
  const settings = settingsOf(options ?? {});
  const policy = run.policies.models?.[name];
  return {
    kind: "model",
    name,
    input: [...told, settings],
    identity: [identity, settings, parametersOf(model, options)],
    ...(policy === undefined ? {} : { policy }),
  };
}

/** The signal that a call is given, which LangChain puts into its options. */
export function signalOf(options: unknown): AbortSignal | undefined {
  return (options as { readonly signal?: AbortSignal } | undefined)?.signal;
}

/** The model as its provider calls it, else its class. */
export function nameOf(model: object): string {
  const { model: id, modelName } = model as { model?: unknown; modelName?: unknown };
  for (const name of [id, modelName]) if (typeof name === "string" && name !== "") return name;
  return model.constructor.name;
}

/** What besides the conversation decides the answer. */
function settingsOf(options: object): object {
  const { tools, tool_choice, response_format, stop } = options as Record<string, unknown>;
  const settings = {
    tools: Array.isArray(tools) ? tools.map(plainTool) : undefined,
    tool_choice,
    response_format,
    stop,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** A tool in the form of its provider is data; one of LangChain is told by name and description. */
function plainTool(tool: unknown): unknown {
  if (typeof tool !== "object" || tool === null) return tool;
  if (Object.getPrototypeOf(tool) === Object.prototype) return tool;
  const { name, description } = tool as { name?: unknown; description?: unknown };
  return { name, description };
}

const SECRET = /api_?key|secret|password|credential/i;

/**
 * Two models of one name can be set differently, and be asked the same side by side: temperature and the
 * like tell their calls apart.
 */
function parametersOf(model: object, options: object | undefined): object {
  const { invocationParams } = model as {
    invocationParams?: (options: object | undefined) => unknown;
  };
  try {
    const parameters = invocationParams?.call(model, options) ?? {};
    return Object.fromEntries(
      Object.entries(parameters).filter(
        ([key, value]) =>
          ["string", "number", "boolean"].includes(typeof value) && !SECRET.test(key),
      ),
    );
  } catch {
    return {}; // The call itself will say what is wrong.
  }
}
