/** Runs are ready in these apps; something was said to these runs; these runs have a new state. */
export interface Hint {
  readonly ready?: readonly string[];
  readonly said?: readonly string[];
  readonly moved?: readonly string[];
}
