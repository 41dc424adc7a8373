import { type PayloadCipher, plainSpaceCipher, type SpaceCipher } from "../cipher/index.ts";

const MAX_SPACES = 1_000;

/** The ciphers of the spaces in use: making one may ask a key service, so each is made once. */
export class SpaceCiphers {
  readonly #cipher: PayloadCipher | undefined;
  readonly #spaces = new Map<string, Promise<SpaceCipher>>();

  constructor(cipher: PayloadCipher | undefined) {
    this.#cipher = cipher;
  }

  async of(spaceId: string): Promise<SpaceCipher> {
    if (this.#cipher === undefined) return plainSpaceCipher;
    const found = this.#spaces.get(spaceId);
    if (found !== undefined) return found;
    const made = Promise.resolve(this.#cipher.forSpace(spaceId));
    made.catch(() => this.#spaces.delete(spaceId)); // A key service that failed is asked again.
    if (this.#spaces.size >= MAX_SPACES) this.#spaces.delete(this.#spaces.keys().next().value!);
    this.#spaces.set(spaceId, made);
    return made;
  }
}
