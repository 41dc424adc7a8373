import { registerAdapter } from "@holdfast/core";
import { langGraphAdapter } from "./adapter.ts";
import { installOwnCopies } from "./install.ts";
import { runnableAdapter } from "./runnable-adapter.ts";

export { langGraphAdapter } from "./adapter.ts";
export type { AppTypes } from "./app-types.ts";
export { langGraphCodec } from "./codec.ts";
export { durableEmbeddings } from "./retrieval-step.ts";
export { runnableAdapter } from "./runnable-adapter.ts";
export { SUPPORTED } from "./supported.ts";

installOwnCopies();
registerAdapter(langGraphAdapter);
registerAdapter(runnableAdapter);
