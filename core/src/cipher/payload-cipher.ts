/** Encrypts everything said before it reaches the database. */
export interface PayloadCipher {
  /** The cipher for one space: what it seals cannot be opened, nor its hashes compared, in another. */
  forSpace(spaceId: string): SpaceCipher | Promise<SpaceCipher>;
}

export interface SpaceCipher {
  /** Takes text without lone surrogates, such as a codec writes; returns JSON. */
  seal(text: string): string;
  /** Gives back exactly what was sealed, or throws PAYLOAD_NOT_DECRYPTABLE. */
  open(sealed: string): string;
  /** 32 bytes that are equal for equal data in the same space. */
  hash(data: string | Uint8Array): Buffer;
}
