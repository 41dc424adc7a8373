/** An encoded value. `shared` says that the same text will be said again: it is stored once. */
export interface Value {
  readonly text: string;
  readonly shared?: boolean;
}

/** Names a stored list by its content: equal lists of a space have equal ids. */
export type ListId = string;
