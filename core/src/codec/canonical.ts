// One form per value, for hashing: object keys in one order, whatever order they were set in, and no
// stacks, which change with every edit of the code. Everything else of the encoded tree stays.
import { setProperty } from "./property.ts";
import { isRecord } from "./tags/data.ts";

/** Returns the encoded tree in its canonical form; does not change the tree it is given. */
export function canonicalTree(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(canonicalTree);
  if (!isRecord(node)) return node;
  const keys = Object.keys(node);
  const data = node[keys[0] ?? ""];
  if (keys.length === 1 && isRecord(data)) {
    // What these two hold is a record as it stands: its own single key is not a tag.
    if (keys[0] === "$literal") return { $literal: canonicalRecord(data) };
    if (keys[0] === "$dict") return { $dict: canonicalRecord(data) };
    if (keys[0] === "$error") return { $error: canonicalRecord(data, "stack") };
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
