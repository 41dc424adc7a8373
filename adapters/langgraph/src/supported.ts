/** The range of `@langchain/langgraph` that this adapter is tested with, as npm writes ranges. */
export const SUPPORTED: string = "~1.4.18";
