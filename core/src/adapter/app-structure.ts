/** What an app is made of, for people to look at: as it was declared, not as it ran. */

export interface AppStructure {
  readonly nodes: readonly StructureNode[];
  readonly edges: readonly StructureEdge[];
}

export interface StructureNode {
  /** The names on the way to it, the same whenever the app is described: `"research/search"`. */
  readonly id: string;
  readonly name: string;
  readonly kind: "start" | "end" | "node" | "graph" | "agent" | "tool" | "app";
  /** The id of the node it is a part of. Default: it is part of the app itself. */
  readonly within?: string;
  /** Whether a run stops there to ask, by the app's own settings. Default: it does not. */
  readonly stops?: readonly ("before" | "after")[];
}

export interface StructureEdge {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  /** Whether it is decided only in the run whether it is taken. Default: it always is. */
  readonly conditional?: boolean;
  /** What the decision for it is called, if it has a name of its own. */
  readonly label?: string;
}
