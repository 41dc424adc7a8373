import { formatPath, type Segment } from "./path.ts";

/** A place where the stored form says less than the value did. */
export interface Loss {
  /** Where, such as `$.messages[3].content`. Entries of a Map are `[n].key` and `[n].value`. */
  readonly path: string;
  /** What was there and what is stored instead. */
  readonly what: string;
}

/** A list of a million functions is one mistake, not a million; the report must stay readable. */
const MOST_LISTED = 100;

/** Collects losses; beyond the first hundred they are only counted. */
export class Losses {
  readonly #listed: Loss[] = [];
  #unlisted = 0;

  add(path: readonly Segment[], what: string): void {
    if (this.#listed.length < MOST_LISTED) this.#listed.push({ path: formatPath(path), what });
    else this.#unlisted++;
  }

  list(): readonly Loss[] {
    if (this.#unlisted === 0) return this.#listed;
    return [...this.#listed, { path: "$", what: `${this.#unlisted} more losses, not listed` }];
  }
}
