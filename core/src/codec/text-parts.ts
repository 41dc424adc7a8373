/**
 * A value's text in parts that many texts share: the elements of an array that grows, a long member
 * that stays as it is. The frame, which is small, says what stands between the parts.
 *
 * Invariants: joined, frame and parts are the very text that was split; an array that grows at its end
 * keeps the parts it has, but for the last; what is small costs no part at all.
 */

export interface TextParts {
  /** JSON. */
  readonly frame: string;
  readonly parts: readonly string[];
}

/** Shorter texts stand in the frame. */
const WORTH_A_PART = 256;
/** Shorter elements of an array share parts, so many to a part. */
const WORTH_A_PART_ALONE = 64;
const TOGETHER = 16;
/** What lies deeper is not taken apart. */
const DEEPEST = 3;

/** As `[how many elements a part has, how many parts like that follow each other]`. */
type Groups = readonly (readonly [elements: number, parts: number])[];
/** Where parts stand: one, from there on, or those of an array. */
type Hole = readonly [from: number] | readonly [from: number, groups: Groups];
/** Texts and holes by turns, a text first and last. */
type Frame = readonly (string | Hole)[];

/** What is to be in a hole. */
interface Filling {
  readonly parts: readonly string[];
  readonly groups?: Groups;
}
type Piece = string | Filling;

/** @param tree what JSON.stringify would write as the text */
export function splitTree(tree: unknown): TextParts {
  const pieces = split(tree, 0);
  const fillings = pieces.filter((piece) => typeof piece !== "string");
  // The longest comes first: lists of parts are stored as what they do not begin with in common.
  const most = Math.max(...fillings.map(({ parts }) => parts.length));
  const longest = fillings.find(({ parts }) => parts.length === most);
  const inOrder = longest === undefined ? [] : [longest, ...fillings.filter((f) => f !== longest)];
  const starts = new Map<Filling, number>();
  let next = 0;
  for (const filling of inOrder) {
    starts.set(filling, next);
    next += filling.parts.length;
  }
  const frame: Frame = pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    const from = starts.get(piece)!;
    return piece.groups === undefined ? [from] : [from, piece.groups];
  });
  return { frame: JSON.stringify(frame), parts: inOrder.flatMap(({ parts }) => parts) };
}

export function joinText({ frame, parts }: TextParts): string {
  const texts = (JSON.parse(frame) as Frame).map((piece) => {
    if (typeof piece === "string") return piece;
    const [from, groups] = piece;
    return groups === undefined ? parts[from]! : joinArray(parts, from, groups);
  });
  return texts.join("");
}

/** How many parts a text of this frame has. */
export function countParts(frame: string): number {
  return (JSON.parse(frame) as Frame).reduce<number>((sum, piece) => {
    if (typeof piece === "string") return sum;
    const [, groups] = piece;
    return sum + (groups === undefined ? 1 : groups.reduce((all, [, parts]) => all + parts, 0));
  }, 0);
}

function split(tree: unknown, depth: number): readonly Piece[] {
  if (Array.isArray(tree)) return splitArray(tree);
  if (typeof tree !== "object" || tree === null || depth === DEEPEST) return leaf(tree);
  const pieces: Piece[] = ["{"];
  for (const [nth, [key, member]] of Object.entries(tree).entries()) {
    append(pieces, `${nth === 0 ? "" : ","}${JSON.stringify(key)}:`);
    for (const piece of split(member, depth + 1)) append(pieces, piece);
  }
  append(pieces, "}");
  const [first] = pieces;
  return pieces.length === 1 && typeof first === "string" ? whole(first) : pieces;
}

function leaf(tree: unknown): readonly Piece[] {
  return whole(JSON.stringify(tree));
}

function whole(text: string): readonly Piece[] {
  return text.length < WORTH_A_PART ? [text] : ["", { parts: [text] }, ""];
}

function splitArray(tree: readonly unknown[]): readonly Piece[] {
  const elements = tree.map((element) => JSON.stringify(element));
  const length = elements.reduce((sum, text) => sum + text.length + 1, 1);
  if (length < WORTH_A_PART) return [`[${elements.join()}]`];
  const groups: string[][] = [];
  for (const element of elements) {
    const last = groups.at(-1);
    if (last !== undefined && isShort(element) && hasRoom(last)) last.push(element);
    else groups.push([element]);
  }
  const parts = groups.map((group) => (group.length === 1 ? group[0]! : `[${group.join()}]`));
  return ["", { parts, groups: counted(groups.map((group) => group.length)) }, ""];
}

function isShort(element: string): boolean {
  return element.length < WORTH_A_PART_ALONE;
}

function hasRoom(group: readonly string[]): boolean {
  return group.length < TOGETHER && isShort(group[0]!);
}

function counted(sizes: readonly number[]): Groups {
  const groups: [number, number][] = [];
  for (const size of sizes) {
    const last = groups.at(-1);
    if (last?.[0] === size) last[1] += 1;
    else groups.push([size, 1]);
  }
  return groups;
}

/** Texts beside each other become one. */
function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (typeof last === "string" && typeof piece === "string")
    pieces[pieces.length - 1] = last + piece;
  else pieces.push(piece);
}

function joinArray(parts: readonly string[], from: number, groups: Groups): string {
  const elements: string[] = [];
  let next = from;
  for (const [size, count] of groups) {
    for (const part of parts.slice(next, next + count)) {
      elements.push(size === 1 ? part : part.slice(1, -1));
    }
    next += count;
  }
  return `[${elements.join()}]`;
}
