/** Where the input of a step, as the journal has it, differs from what the code gives now. */
import { canonicalTree } from "../codec/canonical.ts";
import { formatPath, type Segment } from "../codec/path.ts";
import { isRecord } from "../codec/tags/data.ts";
import { excerpts, isSecret } from "./excerpt.ts";
import { type Volatility, volatility } from "./volatile-value.ts";

export interface InputDifference {
  /** As `$.items[2].price`; `$` is the value itself. */
  readonly path: string;
  /** `$.price was 100 and is 120`, shortened. */
  readonly text: string;
  /** What makes it look as if it were another one each time. */
  readonly volatility: Volatility | undefined;
}

interface Place {
  readonly path: readonly Segment[];
  readonly recorded: unknown;
  readonly asked: unknown;
}

/** A value from its encoded texts: the one it has, or the list of them. */
export function inputTree(texts: readonly string[]): unknown {
  const trees = texts.map(treeOf);
  return trees.length === 1 ? trees[0] : trees;
}

/** What is no JSON, which nothing of ours writes, is shown as the text it is. */
function treeOf(text: string): unknown {
  try {
    return canonicalTree(JSON.parse(text));
  } catch {
    return text;
  }
}

/**
 * All differences, in order. The order of keys is none, nor is the stack of an error. Inputs are
 * compared as they are stored: what a step is not known by, such as the id of a message, shows too.
 */
export function inputDifferences(recorded: unknown, asked: unknown): readonly InputDifference[] {
  const places: Place[] = [];
  collect({ path: [], recorded, asked }, places);
  return places.map((place) => ({
    path: formatPath(place.path),
    text: sentence(place),
    volatility: volatility(withoutTag(place.recorded), withoutTag(place.asked)),
  }));
}

function collect({ path, recorded, asked }: Place, found: Place[]): void {
  const isList = Array.isArray(recorded) && Array.isArray(asked);
  const isObject = isRecord(recorded) && isRecord(asked) && !isTag(recorded) && !isTag(asked);
  if (!isList && !isObject) {
    if (JSON.stringify(recorded) !== JSON.stringify(asked)) found.push({ path, recorded, asked });
    return;
  }
  const names = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
  for (const name of names) {
    const segment = isList ? Number(name) : name;
    collect(
      { path: [...path, segment], recorded: own(recorded, name), asked: own(asked, name) },
      found,
    );
  }
}

/** What stands in for a value that JSON has no notation for, and has no parts. */
function isTag(node: Record<string, unknown>): boolean {
  const [tag = "", ...more] = Object.keys(node);
  const data = node[tag];
  return more.length === 0 && tag.startsWith("$") && !isRecord(data) && !Array.isArray(data);
}

function withoutTag(node: unknown): unknown {
  return isRecord(node) && isTag(node) ? Object.values(node)[0] : node;
}

function own(node: object, name: string): unknown {
  return Object.hasOwn(node, name) ? (node as Record<string, unknown>)[name] : undefined;
}

function sentence({ path, recorded, asked }: Place): string {
  const place = formatPath(path);
  if (path.some((segment) => isSecret(String(segment)))) return `${place} differs (hidden)`;
  const [was, is] = excerpts(recorded ?? null, asked ?? null);
  if (recorded === undefined) return `${place} is ${is} and was not there`;
  if (asked === undefined) return `${place} was ${was} and is not there`;
  return `${place} was ${was} and is ${is}`;
}
