// The errors with which the encoder refuses a value: each names the place in the value.
import { HoldfastError } from "../errors/index.ts";
import { formatPath, type Segment } from "./path.ts";

type Path = readonly Segment[];

export function cyclic(path: Path, target: Path): HoldfastError {
  const [from, to] = [formatPath(path), formatPath(target)];
  return new HoldfastError(
    "VALUE_NOT_ENCODABLE",
    `The value at ${from} points back to ${to}, which contains it.`,
    {
      hint: "Break the cycle, store an id instead of the object, or register a codec extension for its class.",
      details: { path: from, target: to },
    },
  );
}

export function tooDeep(path: Path, levels: number): HoldfastError {
  const at = formatPath(path);
  return new HoldfastError(
    "VALUE_NOT_ENCODABLE",
    `The value at ${at} is nested more than ${levels} levels deep.`,
    {
      hint: "Store a flatter form, such as a list instead of a linked list.",
      details: { path: at, limit: levels },
    },
  );
}

export function stackExhausted(path: Path, cause: unknown): HoldfastError {
  const at = formatPath(path);
  return new HoldfastError(
    "VALUE_NOT_ENCODABLE",
    `The call stack ran out while the value at ${at} was read.`,
    {
      hint: "A getter or toJSON there may call itself without end, or the value is deeply nested and was stored from deep within other calls.",
      cause,
      details: { path: at },
    },
  );
}

export function unreadable(path: Path, cause: unknown): HoldfastError {
  const at = formatPath(path);
  return new HoldfastError(
    "VALUE_NOT_ENCODABLE",
    `Reading the value at ${at} threw: ${reason(cause)}`,
    {
      hint: "A getter, a toJSON method or a Proxy there must not throw; the cause is its error.",
      cause,
      details: { path: at },
    },
  );
}

export function extensionThrew(path: Path, tag: string, cause: unknown): HoldfastError {
  const at = formatPath(path);
  return new HoldfastError(
    "VALUE_NOT_ENCODABLE",
    `The codec extension "${tag}" threw for the value at ${at}: ${reason(cause)}`,
    {
      hint: "Correct the extension's is or encode; the cause is its error.",
      cause,
      details: { path: at, tag },
    },
  );
}

export function tooLarge(limit: number, found: { path: Path } | { bytes: number }): HoldfastError {
  const where =
    "bytes" in found
      ? `it needs ${found.bytes}`
      : `the limit was passed at ${formatPath(found.path)}`;
  return new HoldfastError(
    "VALUE_TOO_LARGE",
    `A value is longer than ${limit} bytes when it is written as text: ${where}.`,
    {
      hint: "Store large data elsewhere and pass a reference, or raise the codec's maxBytes. An object that is referenced many times is written out every time.",
      details: { limit, ...("bytes" in found ? found : { path: formatPath(found.path) }) },
    },
  );
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : "something that is not an Error";
}
