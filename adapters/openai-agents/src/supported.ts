/** The range of `@openai/agents` that this adapter is tested with, as npm writes ranges. */
export const SUPPORTED: string = "~0.20.0";
