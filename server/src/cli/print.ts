/** Writes the answer of a command to stdout: for people, or as one JSON document. */
export function print(json: boolean, value: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

/** Label and value in two columns. Lines without a value are left out. */
export function table(
  rows: readonly (readonly [label: string, value: string | undefined])[],
): string {
  const shown = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join("\n");
}
