import { registerAdapter } from "@holdfast/core/adapter";
import { adkAdapter } from "./adapter.ts";

export { adkAdapter } from "./adapter.ts";
export type { AdkApp } from "./app.ts";
export type { AdkInput, AdkOptions, AdkOutput } from "./app-types.ts";
export { SUPPORTED } from "./supported.ts";

registerAdapter(adkAdapter);
