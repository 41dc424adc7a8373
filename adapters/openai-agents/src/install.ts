/** Puts the interception in place, once for each copy of the SDK. */
import { ASKED_OF_CONTEXT } from "./answers.ts";
import { interceptAgent } from "./intercept-agent.ts";
import { interceptRunner } from "./runner-scope.ts";
import { notAsTested, type SdkCopy } from "./sdk.ts";

const installed = new WeakSet<SdkCopy>();

/** Throws UNSUPPORTED_FRAMEWORK_VERSION if the copy is not as it was tested. */
export function install(copy: SdkCopy): void {
  if (installed.has(copy)) return;
  interceptRunner(copy);
  if (!interceptAgent(copy.agents.Agent.prototype, copy)) {
    throw notAsTested("Agent.getAllTools or Agent.getEnabledHandoffs");
  }
  if (!ASKED_OF_CONTEXT.every((name) => name in copy.agents.RunContext.prototype)) {
    throw notAsTested(`RunContext.${ASKED_OF_CONTEXT.join(" or RunContext.")}`);
  }
  installed.add(copy);
}
