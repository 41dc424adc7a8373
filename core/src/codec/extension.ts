import { HoldfastError } from "../errors/index.ts";

/**
 * Teaches the codec one kind of value of yours, so that it survives a restart unchanged.
 *
 * It is offered every object that is not plain (a class instance, also of a built-in class), every
 * function and every symbol; never plain objects, arrays and null-prototype objects, which always
 * stay readable JSON. The first registered extension whose `is` says yes wins.
 */
export interface CodecExtension<T = unknown> {
  /**
   * Names the stored form, with a prefix of yours: `"acme/money"` is stored as
   * `{"$acme/money": …}`. A tag means one thing forever: give a changed form a new tag and keep
   * the old extension for as long as old data is read.
   */
  readonly tag: string;
  /** Must be quick and must not throw: it is asked for every non-plain object. */
  is(value: unknown): value is T;
  /** Returns what to store. It may hold anything the codec knows, other extensions' values too. */
  encode(value: T): unknown;
  /** Rebuilds the value from what `encode` returned, itself decoded already. */
  decode(data: unknown): T;
}

const TAG = /^[a-zA-Z0-9][\w.-]*(\/[\w.-]+)+$/;

/** Throws OPTION_INVALID for a tag that is malformed or given twice. */
export function checkExtensions(extensions: readonly CodecExtension[]): void {
  const seen = new Set<string>();
  for (const { tag } of extensions) {
    if (typeof tag !== "string" || !TAG.test(tag)) {
      throw new HoldfastError(
        "OPTION_INVALID",
        `The codec extension tag ${show(tag)} is not usable.`,
        {
          hint: 'Use a prefix of yours, a slash and a name, such as "acme/money". Tags without a slash belong to Holdfast.',
          details: { tag },
        },
      );
    }
    if (seen.has(tag)) {
      throw new HoldfastError("OPTION_INVALID", `Two codec extensions use the tag "${tag}".`, {
        hint: "Register one extension per tag; values stored under a tag can only mean one thing.",
        details: { tag },
      });
    }
    seen.add(tag);
  }
}

function show(tag: unknown): string {
  return typeof tag === "string" ? `"${tag}"` : `of type ${typeof tag}`;
}
