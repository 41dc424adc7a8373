/** A place where the stored form says less than the value did. */
export interface Loss {
  /** Where, such as `$.messages[3].content`. Entries of a Map are `[n].key` and `[n].value`. */
  readonly path: string;
  /** What was there and what is stored instead. */
  readonly what: string;
}
