/** The range of `@google/adk` that this adapter is tested with, as npm writes ranges. */
export const SUPPORTED: string = "~2.0.0";
