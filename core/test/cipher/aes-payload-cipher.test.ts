import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aesPayloadCipher, type PayloadKey, type SpaceCipher } from "../../src/cipher/index.ts";
import { createCodec } from "../../src/codec/index.ts";
import { refusal } from "../codec/refusal.ts";

const oldest: PayloadKey = { id: "2024", key: randomBytes(32) };
const middle: PayloadKey = { id: "2025", key: randomBytes(32) };
const newest: PayloadKey = { id: "2026", key: randomBytes(32) };

async function cipherOf(
  keys: readonly PayloadKey[],
  spaceId = "space-1",
  allowPlaintext = false,
): Promise<SpaceCipher> {
  return await aesPayloadCipher({ keys, allowPlaintext }).forSpace(spaceId);
}

function keyIdOf(sealed: string): string | undefined {
  return (JSON.parse(sealed).$sealed as string).split(".")[1];
}

describe("sealing", () => {
  it("gives back exactly what was sealed, of any value the codec can write", async () => {
    const cipher = await cipherOf([newest]);
    const codec = createCodec();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const value = [text, "\0\ud800", `${text}\udc00`];
        expect(codec.decode(cipher.open(cipher.seal(codec.encode(value).text)))).toEqual(value);
      }),
    );
    for (const text of ["", "€", '{"$sealed":"v1.a.b"}', "x".repeat(5_000_000)]) {
      expect(cipher.open(cipher.seal(text))).toBe(text);
    }
  });

  it("makes JSON that shows the key id and nothing of the text, and another each time", async () => {
    const cipher = await cipherOf([newest]);
    const sealed = cipher.seal("the secret of the user");
    expect(sealed).toMatch(/^\{"\$sealed":"v1\.2026\.[A-Za-z0-9+/]+=*"\}$/);
    expect(JSON.parse(sealed)).toEqual({ $sealed: expect.any(String) });
    expect(Buffer.from(sealed.split(".")[2] as string, "base64").includes("secret")).toBe(false);
    expect(cipher.seal("the secret of the user")).not.toBe(sealed);
  });

  it("refuses text that UTF-8 cannot hold instead of changing it", async () => {
    const cipher = await cipherOf([newest]);
    expect(cipher.open(cipher.seal("\ufffd"))).toBe("\ufffd");
    refusal("VALUE_NOT_ENCODABLE", () => cipher.seal("half \ud800 of a pair"));
    refusal("VALUE_NOT_ENCODABLE", () => cipher.hash("\udfff"));
  });
});

describe("opening", () => {
  it("refuses a text in which any character was changed, added or left out", async () => {
    const cipher = await cipherOf([newest, oldest]);
    const sealed = cipher.seal("pay 5 euros to Ann");
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === "A" ? "B" : "A";
      const [before, after] = [sealed.slice(0, at), sealed.slice(at + 1)];
      for (const changed of [
        before + other + after,
        before + after,
        `${before} ${sealed.slice(at)}`,
      ]) {
        refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(changed));
      }
    }
  });

  it("refuses a text in which any bit of nonce, ciphertext or authentication tag was flipped", async () => {
    const cipher = await cipherOf([newest]);
    const [start, id, base64] = cipher.seal("pay 5 euros to Ann").slice(0, -2).split(".");
    const bytes = Buffer.from(base64 as string, "base64");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const text = `${start}.${id}.${changed.toString("base64")}"}`;
      refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(text));
    }
    for (let length = 0; length < bytes.length; length++) {
      const text = `${start}.${id}.${bytes.subarray(0, length).toString("base64")}"}`;
      refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(text));
    }
  });

  it("refuses a text of another space", async () => {
    const sealed = (await cipherOf([newest], "space-1")).seal("x");
    const other = await cipherOf([newest], "space-2");
    const error = refusal("PAYLOAD_NOT_DECRYPTABLE", () => other.open(sealed));
    expect(error.details).toEqual({ spaceId: "space-2", keyId: "2026" });
  });

  it("refuses a text of an unknown key, naming its id", async () => {
    const sealed = (await cipherOf([middle])).seal("x");
    const cipher = await cipherOf([newest, oldest]);
    const error = refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(sealed));
    expect(error.message).toContain('unknown key "2025"');
    expect(error.details).toEqual({ spaceId: "space-1", keyId: "2025" });
  });

  it("refuses a text of another key under the same id, and of one key under another's id", async () => {
    const cipher = await cipherOf([newest, middle]);
    const impostor = await cipherOf([{ ...newest, key: randomBytes(32) }]);
    refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(impostor.seal("x")));
    const renamed = cipher.seal("x").replace(".2026.", ".2025.");
    refusal("PAYLOAD_NOT_DECRYPTABLE", () => cipher.open(renamed));
  });

  it("refuses text that is not sealed, unless plaintext is allowed", async () => {
    const strict = await cipherOf([newest]);
    const error = refusal("PAYLOAD_NOT_DECRYPTABLE", () => strict.open('{"a":1}'));
    expect(error.hint).toContain("allowPlaintext");
    const lenient = await cipherOf([newest], "space-1", true);
    expect(lenient.open('{"a":1}')).toBe('{"a":1}');
    expect(lenient.open(strict.seal("x"))).toBe("x");
    refusal("PAYLOAD_NOT_DECRYPTABLE", () => lenient.open('{"$sealed":"v2.2026.AAAA"}'));
  });

  it("says nothing of key or text in its errors, and the cipher nothing when it is printed", async () => {
    const key = randomBytes(32);
    const cipher = aesPayloadCipher({ keys: [{ id: "k", key }] });
    const space = await cipher.forSpace("space-1");
    const sealed = space.seal("the secret of the user").replace("A", "B").replace("C", "D");
    const error = refusal("PAYLOAD_NOT_DECRYPTABLE", () => space.open(`${sealed} `));
    const printed = [
      inspect(error),
      inspect(cipher),
      inspect(space, { showHidden: true, depth: 9 }),
    ];
    for (const text of printed) {
      for (const secret of [key.toString("base64"), key.toString("hex"), "secret of"]) {
        expect(text.includes(secret)).toBe(false);
      }
    }
  });
});

describe("rotation", () => {
  it("seals by the first key, opens by every key, and changes no hash", async () => {
    const before = await cipherOf([oldest]);
    const after = await cipherOf([newest, middle, oldest]);
    const sealed = before.seal("from before");
    expect(keyIdOf(after.seal("from after"))).toBe("2026");
    expect(after.open(sealed)).toBe("from before");
    expect(after.hash("x")).toEqual(before.hash("x"));
    refusal("PAYLOAD_NOT_DECRYPTABLE", () => before.open(after.seal("from after")));
  });

  it("changes every hash when the last key is taken away", async () => {
    const before = await cipherOf([newest, oldest]);
    const after = await cipherOf([newest]);
    expect(after.hash("x")).not.toEqual(before.hash("x"));
  });
});

describe("hashes", () => {
  it("are equal exactly for equal data in the same space under the same key", async () => {
    const [one, again, otherSpace, otherKey] = await Promise.all([
      cipherOf([newest], "space-1"),
      cipherOf([newest], "space-1"),
      cipherOf([newest], "space-2"),
      cipherOf([oldest], "space-1"),
    ]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        const hash = one?.hash(a) as Buffer;
        expect(hash).toHaveLength(32);
        expect(again?.hash(Buffer.from(a))).toEqual(hash);
        expect(one?.hash(b).equals(hash)).toBe(a === b);
        expect(otherSpace?.hash(a).equals(hash)).toBe(false);
        expect(otherKey?.hash(a).equals(hash)).toBe(false);
      }),
    );
  });
});

describe("key material", () => {
  it("may be bytes or their base64, and is copied", async () => {
    const key = randomBytes(32);
    const sealed = (await cipherOf([{ id: "k", key: key.toString("base64") }])).seal("x");
    const cipher = await cipherOf([{ id: "k", key }]);
    key.fill(0);
    expect(cipher.open(sealed)).toBe("x");
  });

  it.each<[string, unknown]>([
    ["no keys", []],
    ["no list", undefined],
    ["a short key", [{ id: "a", key: randomBytes(16) }]],
    ["a long key", [{ id: "a", key: randomBytes(33) }]],
    ["no key", [{ id: "a" }]],
    ["a passphrase", [{ id: "a", key: "correct horse battery staple of 32" }]],
    ["hex", [{ id: "a", key: randomBytes(32).toString("hex") }]],
    [
      "base64 with something behind it",
      [{ id: "a", key: `${randomBytes(32).toString("base64")}\n` }],
    ],
    ["no id", [{ key: randomBytes(32) }]],
    ["an id with a dot", [{ id: "a.b", key: randomBytes(32) }]],
    ["an empty id", [{ id: "", key: randomBytes(32) }]],
    [
      "an id twice",
      [
        { id: "a", key: randomBytes(32) },
        { id: "a", key: randomBytes(32) },
      ],
    ],
  ])("is refused at creation when there is %s, without repeating it", (_, keys) => {
    const error = refusal("OPTION_INVALID", () =>
      aesPayloadCipher({ keys: keys as readonly PayloadKey[] }),
    );
    for (const { key } of (keys as PayloadKey[] | undefined) ?? []) {
      if (typeof key === "string") expect(error.message).not.toContain(key.trim());
    }
  });
});
