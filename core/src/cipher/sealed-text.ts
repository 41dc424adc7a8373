// The form of sealed text, `{"$sealed":"v1.<key id>.<base64>"}`: valid JSON, and told from other
// stored text by its start, as the codec escapes a user's own "$sealed".
export interface SealedText {
  readonly keyId: string;
  readonly bytes: Buffer;
}

const START = '{"$sealed":"';
const VERSION = "v1.";
const END = '"}';

/** What a key id may hold, so that it needs no escape in the sealed text. */
export const KEY_ID: RegExp = /^[\w-]{1,64}$/;

export function isSealed(text: string): boolean {
  return text.startsWith(START);
}

export function formatSealed({ keyId, bytes }: SealedText): string {
  return `${START}${VERSION}${keyId}.${bytes.toString("base64")}${END}`;
}

/** Returns undefined for text that `formatSealed` never writes. */
export function parseSealed(text: string): SealedText | undefined {
  const keyStart = START.length + VERSION.length;
  const keyEnd = text.indexOf(".", keyStart);
  if (!text.startsWith(START + VERSION) || keyEnd === -1 || !text.endsWith(END)) return undefined;
  const keyId = text.slice(keyStart, keyEnd);
  const base64 = text.slice(keyEnd + 1, -END.length);
  const bytes = Buffer.from(base64, "base64");
  // Node skips characters that are not base64, so that many texts would give the same bytes.
  const exact = KEY_ID.test(keyId) && bytes.toString("base64") === base64;
  return exact ? { keyId, bytes } : undefined;
}
