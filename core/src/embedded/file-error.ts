/** The code of a failed file operation, such as `ENOENT`; its message when it has none. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message;
  return String(error);
}
