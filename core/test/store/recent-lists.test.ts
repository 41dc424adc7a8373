import { expect, test } from "vitest";
import type { SpaceCipher } from "../../src/cipher/index.ts";
import { plainSpaceCipher } from "../../src/cipher/plain-space-cipher.ts";
import { RecentLists } from "../../src/store/content/recent-lists.ts";

/** Lists, and how many texts were hashed for each of them. */
function counted() {
  let hashed = 0;
  const cipher: SpaceCipher = {
    ...plainSpaceCipher,
    hash(data) {
      if (typeof data === "string") hashed += 1;
      return plainSpaceCipher.hash(data);
    },
  };
  const lists = new RecentLists(cipher);
  return (texts: readonly string[]) => {
    hashed = 0;
    const list = lists.listOf(texts);
    const { hash, hashes } = new RecentLists(plainSpaceCipher).listOf(texts);
    expect(list).toEqual({ hash, hashes, texts, repeated: texts.length - hashed });
    return hashed;
  };
}

const history = (of: string, length: number) => Array.from({ length }, (_, nth) => `${of} ${nth}`);

test("of histories that grow by turns, with short lists between, only what is new is hashed", () => {
  const hash = counted();
  for (const of of ["asked", "kept", "asked in a branch"]) hash(history(of, 10));
  for (let length = 11; length < 40; length += 1) {
    for (const of of ["asked", "kept", "asked in a branch"]) {
      expect(hash(history(of, length))).toBe(1);
      expect(hash(["arguments of a tool"])).toBe(1);
    }
  }
});

test("branches that begin alike stay apart", () => {
  const hash = counted();
  const branch = (name: string, length: number) => [
    ...history("said", 10),
    ...history(name, length),
  ];
  hash(branch("a", 1));
  expect(hash(branch("b", 1))).toBe(1);
  for (let length = 2; length < 10; length += 1) {
    expect(hash(branch("a", length))).toBe(1);
    expect(hash(branch("b", length))).toBe(1);
  }
});

test("a list that is changed in its middle is hashed from there on", () => {
  const hash = counted();
  hash(history("said", 10));
  expect(hash([...history("said", 6), "else", ...history("said", 3)])).toBe(4);
  expect(hash([])).toBe(0);
});
