/** What a workload said, and how long each of its turns took. */
export interface Talk {
  /** Every text once, in order. */
  readonly said: readonly string[];
  readonly turnMs: readonly number[];
}

export function bytesSaid({ said }: Pick<Talk, "said">): number {
  return said.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
