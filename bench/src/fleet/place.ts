/** Where workers run, and how the database is reached from there. */
export interface Place {
  readonly url: string;
  /** What to execute so that this command runs there. */
  command(command: readonly string[]): readonly string[];
}

export function here(url: string): Place {
  return { url, command: (command) => command };
}
