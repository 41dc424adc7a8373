import { HoldfastError } from "../errors/index.ts";

/** The bytes of a text. Throws VALUE_NOT_ENCODABLE for lone surrogates, which UTF-8 cannot hold. */
export function utf8(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.includes(REPLACEMENT) && bytes.toString() !== text) {
    throw new HoldfastError(
      "VALUE_NOT_ENCODABLE",
      "A text to be sealed or hashed has half of a surrogate pair in it.",
      { hint: "Pass the text of the codec, which escapes such characters." },
    );
  }
  return bytes;
}

const REPLACEMENT = Buffer.from("\ufffd");
