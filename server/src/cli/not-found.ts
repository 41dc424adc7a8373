/** What the command is about does not exist, or does not run. */
export class NotFound extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = "NotFound";
    this.hint = hint;
  }
}
