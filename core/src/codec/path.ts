/** One step into a value: a property name or an index. */
export type Segment = string | number;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const LONGEST_PATH = 40;
const LONGEST_NAME = 100;

/**
 * Writes a path the way one would reach the place in code: `$.messages[3]["content type"]`. The
 * middle of a very long path and the end of a very long name are left out.
 */
export function formatPath(path: readonly Segment[]): string {
  if (path.length <= LONGEST_PATH) return `$${path.map(formatSegment).join("")}`;
  const half = LONGEST_PATH / 2;
  const start = path.slice(0, half).map(formatSegment).join("");
  const end = path.slice(-half).map(formatSegment).join("");
  return `$${start}…(${path.length - LONGEST_PATH} more)…${end}`;
}

function formatSegment(segment: Segment): string {
  if (typeof segment === "number") return `[${segment}]`;
  const name = segment.length > LONGEST_NAME ? `${segment.slice(0, LONGEST_NAME)}…` : segment;
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
