// One form per value, for hashing: object keys in one order, whatever order they were set in, and no
// stacks, which change with every edit of the code. Everything else of the encoded tree stays.
import { setProperty } from "./property.ts";
import { isRecord } from "./tags/data.ts";
import { RECORD_TAGS } from "./tags/records.ts";

type Container = unknown[] | Record<string, unknown>;

/**
 * Returns the encoded tree in its canonical form; does not change the tree it is given. Not recursive: a
 * value that could be encoded is not to run out of stack here.
 */
export function canonicalTree(tree: unknown): unknown {
  const root = [tree];
  const open: Container[] = [root];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (Array.isArray(container)) {
      for (const [index, node] of container.entries()) container[index] = copyOf(node, open);
    } else {
      for (const key of Object.keys(container)) {
        setProperty(container, key, copyOf(container[key], open));
      }
    }
  }
  return root[0];
}

/** Canonical but for the members of the copy, which is then open. */
function copyOf(node: unknown, open: Container[]): unknown {
  if (Array.isArray(node)) return opened([...node], open);
  if (!isRecord(node)) return node;
  const keys = Object.keys(node);
  const tag = keys[0] ?? "";
  const data = node[tag];
  if (keys.length === 1 && isRecord(data)) {
    if (RECORD_TAGS.has(tag)) return { [tag]: opened(sorted(data), open) };
    if (tag === "$error") return { $error: opened(sorted(data, "stack"), open) };
  }
  return opened(sorted(node), open);
}

function opened(container: Container, open: Container[]): Container {
  open.push(container);
  return container;
}

function sorted(record: Record<string, unknown>, without?: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(record).sort()) {
    if (key !== without) setProperty(copy, key, record[key]);
  }
  return copy;
}
