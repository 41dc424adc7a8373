/** Each run of an agent is a scope, opened when it is called: in which order it is asked for events does not matter. */
import type { BaseAgent, Event, InvocationContext } from "@google/adk";
import { boundGenerator } from "./bound-generator.ts";
import type { AdkCopy } from "./copies.ts";
import { eventStamps } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";

export function interceptAgents({ BaseAgent }: AdkCopy): void {
  intercept<BaseAgent, [InvocationContext], AsyncGenerator<Event, void, undefined>>(
    BaseAgent.prototype,
    "runAsync",
    ({ run, target, original }, context) => {
      const scope = run.open(`agent:${target.name}`);
      const stamp = (event: Event) => eventStamps(run).stamp(event, scope.path);
      return boundGenerator(scope, () => original(context), stamp);
    },
  );
}
