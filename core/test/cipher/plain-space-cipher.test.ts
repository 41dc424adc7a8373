import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { aesPayloadCipher, plainSpaceCipher } from "../../src/cipher/index.ts";
import { refusal } from "../codec/refusal.ts";

it("stores text as it is", () => {
  const text = '{"a":"\\u0000 €"}';
  expect(plainSpaceCipher.seal(text)).toBe(text);
  expect(plainSpaceCipher.open(text)).toBe(text);
});

it("hashes by SHA-256, text by its UTF-8", () => {
  const expected = createHash("sha256").update("a€").digest();
  expect(plainSpaceCipher.hash("a€")).toEqual(expected);
  expect(plainSpaceCipher.hash(Buffer.from("a€"))).toEqual(expected);
});

it("does not take different texts for equal because UTF-8 cannot hold them", () => {
  refusal("VALUE_NOT_ENCODABLE", () => plainSpaceCipher.hash("\ud800"));
});

it("refuses to pass sealed text on as if it were the user's", async () => {
  const space = await aesPayloadCipher({ keys: [{ id: "k", key: randomBytes(32) }] }).forSpace("s");
  refusal("PAYLOAD_NOT_DECRYPTABLE", () => plainSpaceCipher.open(space.seal("x")));
});
