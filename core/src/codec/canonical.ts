// One form per value, for hashing: object keys in one order, whatever order they were set in, and no
// stacks, which change with every edit of the code. Everything else of the encoded tree stays.
import { setProperty } from "./property.ts";
import { isRecord } from "./tags/data.ts";
import { RECORD_TAGS } from "./tags/records.ts";

/** Returns the encoded tree in its canonical form; does not change the tree it is given. */
export function canonicalTree(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(canonicalTree);
  if (!isRecord(node)) return node;
  const keys = Object.keys(node);
  const tag = keys[0] ?? "";
  const data = node[tag];
  if (keys.length === 1 && isRecord(data)) {
    if (RECORD_TAGS.has(tag)) return { [tag]: canonicalRecord(data) };
    if (tag === "$error") return { $error: canonicalRecord(data, "stack") };
  }
  return canonicalRecord(node);
}

function canonicalRecord(record: Record<string, unknown>, without?: string): unknown {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(record).sort()) {
    if (key !== without) setProperty(sorted, key, canonicalTree(record[key]));
  }
  return sorted;
}
