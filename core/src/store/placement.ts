/**
 * Where buckets live. Today all of them are on one Postgres, so there is one group; a cluster or
 * several cells would answer with more, and nothing above this interface would change: every
 * statement already names its buckets, and the appender already works per group.
 */
import type { Pool } from "pg";

/** Buckets that one statement can reach together, and the connections that reach them. */
export interface PlacementGroup {
  readonly id: string;
  /** One pipelined connection: the ordered way in. */
  readonly append: Pool;
  /** What is answered soon: reads, claims, control rows. */
  readonly control: Pool;
  /** What may take long, and is to hold up nothing else: removals. */
  readonly chores: Pool;
}

export interface Placement {
  groupOf(bucket: number): PlacementGroup;
  groups(): readonly PlacementGroup[];
}

export function onePostgres(pools: Omit<PlacementGroup, "id">): Placement {
  const group: PlacementGroup = { id: "all", ...pools };
  return { groupOf: () => group, groups: () => [group] };
}
