/** What a graph is made of, the graphs in it and the tools of its nodes included: as LangGraph draws it. */
import type { AppStructure, StructureEdge, StructureNode } from "@holdfast/core/adapter";
import type { Graph as Drawing } from "@langchain/core/runnables/graph";
import { graphOf } from "./app.ts";

interface Drawable {
  readonly nodes: Readonly<Record<string, unknown>>;
  /** Of a graph with edges: a functional entrypoint has none. */
  readonly builder?: unknown;
  readonly interruptBefore?: readonly string[] | "*";
  readonly interruptAfter?: readonly string[] | "*";
  getGraphAsync(): Promise<Drawing>;
  getSubgraphsAsync(): AsyncIterable<[string, Drawable]>;
}

export async function describe(app: unknown): Promise<AppStructure> {
  return partsOf(graphOf(app) as Drawable, undefined);
}

async function partsOf(graph: Drawable, within: string | undefined): Promise<AppStructure> {
  const { nodes: drawn, edges } = await drawingOf(graph);
  const inner = new Map<string, Drawable>();
  for await (const [name, subgraph] of graph.getSubgraphsAsync()) inner.set(name, subgraph);
  const place = within === undefined ? {} : { within };
  const idOf = (name: string) => (within === undefined ? name : `${within}/${name}`);

  const nodes: StructureNode[] = [];
  const all: StructureEdge[] = edges.map(({ from, to, ...edge }) => {
    return { from: idOf(from), to: idOf(to), ...edge };
  });
  for (const { name, data } of drawn) {
    const id = idOf(name);
    const subgraph = inner.get(name);
    const kind = subgraph === undefined ? (ENDS.get(name) ?? "node") : "graph";
    const stops = stopsAt(graph, name);
    nodes.push({ id, name, kind, ...place, ...(stops.length === 0 ? {} : { stops }) });
    for (const tool of toolsOf(data)) {
      nodes.push({ id: `${id}/${tool}`, name: tool, kind: "tool", within: id });
    }
    if (subgraph === undefined) continue;
    const parts = await partsOf(subgraph, id);
    nodes.push(...parts.nodes);
    all.push(...parts.edges);
  }
  return { nodes, edges: all };
}

interface Drawn {
  readonly nodes: readonly { readonly name: string; readonly data?: unknown }[];
  readonly edges: readonly StructureEdge[];
}

async function drawingOf(graph: Drawable): Promise<Drawn> {
  if (graph.builder === undefined) {
    return { nodes: Object.keys(graph.nodes).map((name) => ({ name })), edges: [] };
  }
  const { nodes, edges } = await graph.getGraphAsync();
  return {
    nodes: Object.entries(nodes).map(([id, { data }]) => ({ name: unquoted(id), data })),
    edges: edges.map(({ source, target, conditional, data }) => ({
      from: unquoted(source),
      to: unquoted(target),
      ...(conditional === true ? { conditional } : {}),
      ...(data === undefined ? {} : { label: data }),
    })),
  };
}

const ENDS: ReadonlyMap<string, "start" | "end"> = new Map([
  ["__start__", "start"],
  ["__end__", "end"],
]);

/** LangGraph's drawings quote the one name that is a word of Mermaid's. */
function unquoted(id: string): string {
  return id === '"subgraph"' ? "subgraph" : id;
}

function stopsAt(
  { interruptBefore = [], interruptAfter = [] }: Drawable,
  name: string,
): readonly ("before" | "after")[] {
  if (ENDS.has(name)) return [];
  const isIn = (nodes: readonly string[] | "*") => nodes === "*" || nodes.includes(name);
  return [
    ...(isIn(interruptBefore) ? (["before"] as const) : []),
    ...(isIn(interruptAfter) ? (["after"] as const) : []),
  ];
}

/** Of a `ToolNode`. */
function toolsOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null || !("tools" in data)) return [];
  if (!Array.isArray(data.tools)) return [];
  return (data.tools as { readonly name?: unknown }[]).flatMap(({ name }) =>
    typeof name === "string" ? [name] : [],
  );
}
