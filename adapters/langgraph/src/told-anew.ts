/**
 * What a durable graph tells, as the graph alone would. Invariants: what LangGraph tells of a state that
 * it has found in a checkpoint, and told when it came to it, is not told again; and nothing is told of the
 * checkpointer that is lent to the app, nor of the thread it is lent for.
 */
import { isCheckpointEnvelope, isInterrupted } from "@langchain/langgraph";
import type { Told } from "./stream-form.ts";

export interface Telling {
  /** Whether the app has a checkpointer of its own. One that has none tells of no checkpoints. */
  readonly hasCheckpointer: boolean;
  /** Whether the thread is the caller's. */
  readonly hasThread: boolean;
  /** Whether a graph goes on where an execution that is over was cut off. */
  isCut(graph: readonly string[]): boolean;
}

export class ToldAnew {
  readonly #telling: Telling;
  readonly #begun = new Set<string>();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** Undefined if it is not to be told. */
  of(told: Told): Told | undefined {
    const kind = kindOf(told);
    const { hasCheckpointer } = this.#telling;
    if (kind === "checkpoint" && !hasCheckpointer) return undefined;
    if (kind !== undefined && this.#isFirst(kind, told)) return undefined;
    if (kind === "checkpoint") return { ...told, payload: withoutSaver(told.payload) };
    if (kind === "envelope" && !hasCheckpointer) {
      const { parent_id: _, ...envelope } = told.payload as { readonly parent_id?: string };
      return { ...told, payload: envelope };
    }
    if (told.mode !== "messages" || !Array.isArray(told.payload)) return told;
    const [message, metadata] = told.payload;
    return { ...told, payload: [message, this.metadata(metadata)] };
  }

  metadata(metadata: unknown): unknown {
    if (this.#telling.hasThread || typeof metadata !== "object" || metadata === null) {
      return metadata;
    }
    const { thread_id: _, ...others } = metadata as { readonly thread_id?: unknown };
    return others;
  }

  /** Each graph that goes on tells where it stands, once in each way. */
  #isFirst(kind: string, { graph, mode }: Told): boolean {
    if (!this.#telling.isCut(graph)) return false;
    const key = [kind, mode, ...graph].join("|");
    if (this.#begun.has(key)) return false;
    this.#begun.add(key);
    return true;
  }
}

/** Of what tells a state. */
function kindOf({ mode, payload }: Told): "values" | "checkpoint" | "envelope" | undefined {
  if (mode === "values") return isInterrupted(payload) ? undefined : "values";
  if (mode === "checkpoints") return isCheckpointEnvelope(payload) ? "envelope" : "checkpoint";
  if (mode !== "debug") return undefined;
  return (payload as { readonly type?: unknown }).type === "checkpoint" ? "checkpoint" : undefined;
}

interface CheckpointPayload {
  readonly payload?: object;
  readonly config?: object;
  readonly parentConfig?: object;
}

function withoutSaver(payload: unknown): unknown {
  const { payload: inner, ...told } = payload as CheckpointPayload;
  if (inner !== undefined) return { ...told, payload: withoutSaver(inner) };
  const { config, parentConfig } = told;
  return {
    ...told,
    ...(config && { config: ownConfig(config) }),
    ...(parentConfig && { parentConfig: ownConfig(parentConfig) }),
  };
}

function ownConfig(config: { readonly configurable?: object }): object {
  const { configurable } = config;
  if (configurable === undefined) return config;
  const {
    __pregel_checkpointer: _,
    __pregel_stream: __,
    ...own
  } = configurable as Record<string, unknown>;
  return { ...config, configurable: own };
}
