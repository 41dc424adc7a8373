import { registerAdapter } from "@holdfast/core";
import { openaiAgentsAdapter } from "./adapter.ts";
import { install } from "./install.ts";
import { ownCopy } from "./sdk.ts";

export { openaiAgentsAdapter } from "./adapter.ts";
export type { AgentWithRunner } from "./app.ts";
export type { AppTypes } from "./app-types.ts";
export { SUPPORTED } from "./supported.ts";

// Agents that a plain function or another framework runs are durable, too.
install(ownCopy());
registerAdapter(openaiAgentsAdapter);
