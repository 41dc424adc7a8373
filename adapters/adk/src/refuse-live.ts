/** Live conversations, in which both sides talk at once, are nothing that could be done again. */
import { StreamingMode } from "@google/adk";
import { HoldfastError } from "@holdfast/core";
import type { AdkOptions } from "./app-types.ts";

/** Throws OPTION_INVALID. */
export function refuseLive(options: AdkOptions): void {
  const isLive = options.runConfig?.streamingMode === StreamingMode.BIDI;
  if (!isLive && !("liveRequestQueue" in options)) return;
  throw new HoldfastError(
    "OPTION_INVALID",
    "A live conversation (runLive, StreamingMode.BIDI) cannot run durably: what was said in it cannot be said again.",
    { hint: "Use StreamingMode.SSE for partial answers, or runner.runLive() without Holdfast." },
  );
}
