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
  /** Everything else: reads, claims, control rows. */
  readonly control: Pool;
}

export interface Placement {
  groupOf(bucket: number): PlacementGroup;
  groups(): readonly PlacementGroup[];
}

export function onePostgres(append: Pool, control: Pool): Placement {
  const group: PlacementGroup = { id: "all", append, control };
  return { groupOf: () => group, groups: () => [group] };
}
