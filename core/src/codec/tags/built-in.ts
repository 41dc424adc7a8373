import type { Segment } from "../path.ts";

/** What a tag may ask of the encoder while it encodes one value. */
export interface Walk {
  /** Encodes a value that stands below the current one. */
  child(value: unknown, ...path: Segment[]): unknown;
  /**
   * Encodes the enumerable own properties of an object as a plain object, at the current path, and
   * reports its other properties except the `hidden` ones.
   */
  record(source: object, hidden?: readonly string[]): Record<string, unknown>;
  /** Reports that the current place, or one below it, is stored incompletely. */
  lose(what: string, ...path: Segment[]): void;
  /** Reports own properties beside `except`, for a tag that cannot hold any. */
  loseOwnProperties(value: object, except?: readonly string[]): void;
  /** Counts text about to be made against the limit, before memory is spent on it. */
  reserve(characters: number): void;
}

/** A built-in class and its stored form, `{[tag]: data}`. */
export interface BuiltInTag<T extends object> {
  readonly tag: string;
  /** Only direct instances of these come back exactly; others are reported as a loss. */
  readonly prototypes: readonly object[];
  /** By internal slot, so that it also holds for subclasses and objects of other realms. */
  is(value: object): value is T;
  /** Whether an instance of another class comes back as good as exactly all the same. */
  isExact?(value: T): boolean;
  encode(value: T, walk: Walk): unknown;
  /** Gets decoded data; throws anything when it is not what `encode` writes. */
  decode(data: unknown): unknown;
}
