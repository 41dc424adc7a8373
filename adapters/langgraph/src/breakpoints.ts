/**
 * `interruptBefore` and `interruptAfter` as questions of the run. LangGraph keeps nothing about a pause of
 * this kind and goes on past it when it is resumed, whatever it is resumed for. Invariant: a pause is told
 * from the checkpoint alone, so a crash right before or after it does not skip it, nor ask twice.
 */
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Checkpoint, CheckpointTuple } from "@langchain/langgraph";
import type { CheckpointSaver } from "./checkpoint-saver.ts";

export interface Breakpoint {
  /** The nodes it stands before or after. */
  readonly nodes: readonly string[];
  readonly stands: "before" | "after";
  /** The graph, by the nodes around it. */
  readonly graph: string;
  /** The superstep it stands after: updates by hand since are none. */
  readonly step: number;
}

type Nodes = readonly string[] | "*";

/** What is needed of a compiled graph. */
export interface BreakableGraph {
  readonly interruptBefore?: Nodes;
  readonly interruptAfter?: Nodes;
  readonly checkpointer?: unknown;
  getState(config: RunnableConfig): Promise<State>;
  getSubgraphs(): Iterable<[string, BreakableGraph]>;
}

interface State {
  readonly next: readonly string[];
  readonly tasks: readonly {
    readonly name: string;
    readonly state?: RunnableConfig | object;
  }[];
  readonly values: unknown;
}

interface Settings {
  readonly interruptBefore?: Nodes;
  readonly interruptAfter?: Nodes;
}

/** Whether a graph or one in it can have any: looking costs. */
export function hasBreakpoints(graph: BreakableGraph, settings: Settings): boolean {
  const all = [settings.interruptBefore, settings.interruptAfter];
  all.push(graph.interruptBefore, graph.interruptAfter);
  if (all.some((nodes) => nodes !== undefined && nodes.length > 0)) return true;
  return [...graph.getSubgraphs()].some(([, inner]) => hasBreakpoints(inner, {}));
}

/**
 * Where a graph stands, if nothing else was asked: in a graph of its tasks, else in it.
 * @param config of the graph, without a checkpointer
 */
export async function breakpointAt(
  graph: BreakableGraph,
  saver: CheckpointSaver,
  { configurable }: RunnableConfig,
  settings: Settings,
): Promise<Breakpoint | undefined> {
  const config = { configurable: { ...configurable, __pregel_checkpointer: saver } };
  return find({ graph, saver, settings, path: "" }, config);
}

interface Looked {
  readonly graph: BreakableGraph;
  readonly saver: CheckpointSaver;
  readonly settings: Settings;
  readonly path: string;
}

async function find(looked: Looked, config: RunnableConfig): Promise<Breakpoint | undefined> {
  const { graph, saver, settings, path } = looked;
  const tuple = await saver.getTuple(config);
  if (tuple === undefined) return undefined;
  const { next, tasks } = await graph.getState(config);
  const inner = new Map(graph.getSubgraphs());
  for (const { name, state } of tasks) {
    const subgraph = inner.get(name);
    if (subgraph === undefined || !isConfig(state)) continue;
    const lasts = subgraph.checkpointer === true;
    const there = { ...config.configurable, ...state.configurable };
    const configurable = lasts ? { ...there, checkpoint_ns: lasting(there) } : there;
    const innerConfig = { ...config, configurable };
    const part = { graph: subgraph, saver, settings: {}, path: `${path}/${name}` };
    const found = await find(part, innerConfig);
    if (found !== undefined) return found;
    // Its task runs: whatever there was to stop at before it was passed.
    if (!lasts && (await saver.getTuple(innerConfig)) !== undefined) return undefined;
  }
  if (!isUnseen(tuple.checkpoint)) return undefined;
  const step = await lastStep(saver, tuple);
  const after = settings.interruptAfter ?? graph.interruptAfter ?? [];
  const done = those(after, await saver.finishedBefore(tuple));
  if (done.length > 0) return { nodes: done, stands: "after", graph: path, step };
  const before = settings.interruptBefore ?? graph.interruptBefore ?? [];
  const coming = those(before, next);
  return coming.length > 0 ? { nodes: coming, stands: "before", graph: path, step } : undefined;
}

async function lastStep(saver: CheckpointSaver, newest: CheckpointTuple): Promise<number> {
  let tuple = newest;
  for (;;) {
    const { metadata, parentConfig } = tuple;
    const isByHand = metadata?.source === "update" || metadata?.source === "fork";
    const before = isByHand && parentConfig ? await saver.getTuple(parentConfig) : undefined;
    if (before === undefined) return metadata?.step ?? 0;
    tuple = before;
  }
}

/** The namespace of a graph that keeps its state from task to task: without the ids of those. */
function lasting({ checkpoint_ns }: Record<string, unknown>): string {
  const parts = String(checkpoint_ns).split("|");
  return parts.map((part) => part.split(":")[0]).join("|");
}

function isConfig(state: object | undefined): state is RunnableConfig {
  return state !== undefined && "configurable" in state;
}

function those(wanted: Nodes, nodes: readonly string[]): readonly string[] {
  if (wanted === "*") return nodes.filter((name) => !name.startsWith("__"));
  return nodes.filter((name) => wanted.includes(name));
}

/** As LangGraph sees it: whether anything has changed since it was last resumed. */
function isUnseen({ channel_versions, versions_seen }: Checkpoint): boolean {
  const seen: Record<string, number | string> = versions_seen.__interrupt__ ?? {};
  return Object.entries(channel_versions).some(
    ([channel, version]) => version > (seen[channel] ?? (typeof version === "number" ? 0 : "")),
  );
}
