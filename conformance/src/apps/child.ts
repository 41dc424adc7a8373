/** The function apps, each as a process that may be killed. */
import { runAsChild } from "../crash/index.ts";
import { functionApps } from "./index.ts";

await runAsChild(functionApps);
