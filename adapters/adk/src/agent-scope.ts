/** Each run of an agent is a scope, opened when it is called: in which order it is asked for events does not matter. */
import { type BaseAgent, type Event, type InvocationContext, isLlmAgent } from "@google/adk";
import { boundGenerator } from "./bound-generator.ts";
import { interceptCodeExecutor } from "./code-step.ts";
import type { AdkCopy } from "./copies.ts";
import { eventStamps } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";
import { untilModelFails } from "./model-failures.ts";
import { interceptToolsets } from "./toolset-step.ts";

export function interceptAgents({ BaseAgent }: AdkCopy): void {
  intercept<BaseAgent, [InvocationContext], AsyncGenerator<Event, void, undefined>>(
    BaseAgent.prototype,
    "runAsync",
    ({ run, target, original }, context) => {
      const scope = run.open(`agent:${target.name}`);
      const stamp = (event: Event) => eventStamps(run).stamp(event, scope.path);
      if (isLlmAgent(target)) {
        interceptCodeExecutor(target);
        interceptToolsets(target);
      }
      const events = () => untilModelFails(run, scope.path, original(context));
      return boundGenerator(scope, events, stamp);
    },
  );
}
