/** Each run of a node of a workflow is a scope, named by ADK's own id of that run. */
import type { BaseNode, Event, NodeContext } from "@google/adk";
import { boundGenerator } from "./bound-generator.ts";
import type { AdkCopy } from "./copies.ts";
import { eventStamps } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";

export function interceptNodes({ BaseNode }: AdkCopy): void {
  intercept<BaseNode, [NodeContext, unknown], AsyncGenerator<Event, void, undefined>>(
    BaseNode.prototype,
    "run",
    ({ run, target, original }, context, input) => {
      const scope = run.open(`node:${target.name}@${context.runId}`);
      const stamp = (event: Event) => eventStamps(run).stamp(event, scope.path);
      return boundGenerator(scope, () => original(context, input), stamp);
    },
  );
}
