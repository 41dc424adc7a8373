/**
 * The lists that a run said last: what a new one begins with as one of them did is not hashed again, so
 * that a history that grows costs what is new in it. Several, since a run says several by turns: what a
 * model is asked, what a session holds, what is asked in branches beside each other.
 */
import type { SpaceCipher } from "../../cipher/index.ts";
import type { ItemList } from "./content.ts";
import { HASH_BYTES } from "./list-plan.ts";

const REMEMBERED = 4;
/** Shorter ones, as the arguments of a tool, are hashed in no time and would drive out the others. */
const WORTH_REMEMBERING = 4;

export class RecentLists {
  readonly #cipher: SpaceCipher;
  /** The last one said is the last. */
  readonly #lists: ItemList[] = [];

  constructor(cipher: SpaceCipher) {
    this.#cipher = cipher;
  }

  listOf(texts: readonly string[]): ItemList {
    let before: ItemList | undefined;
    let repeated = 0;
    for (const list of this.#lists) {
      const shared = sharedStart(list.texts, texts);
      if (shared <= repeated) continue;
      before = list;
      repeated = shared;
    }
    const known = before?.hashes.subarray(0, repeated * HASH_BYTES);
    const fresh = texts.slice(repeated).map((text) => this.#cipher.hash(text));
    const hashes = Buffer.concat(known === undefined ? fresh : [known, ...fresh]);
    const list = { hash: this.#cipher.hash(hashes), hashes, texts: [...texts], repeated };
    if (texts.length >= WORTH_REMEMBERING) this.#remember(list, before);
    return list;
  }

  /** In the place of the one that it is the continuation of, if it is. */
  #remember(list: ItemList, before: ItemList | undefined): void {
    if (before?.texts.length === list.repeated) this.#lists.splice(this.#lists.indexOf(before), 1);
    this.#lists.push(list);
    if (this.#lists.length > REMEMBERED) this.#lists.shift();
  }
}

function sharedStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
