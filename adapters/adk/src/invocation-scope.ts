/** One call of `Runner.runAsync`, a user's or that of an agent used as a tool, is a scope. */
import type { Event, InvocationContext, PluginManager, Runner } from "@google/adk";
import { boundGenerator } from "./bound-generator.ts";
import type { AdkCopy } from "./copies.ts";
import { eventStamps, stableId } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";

type RunParameters = Parameters<Runner["runAsync"]>;
type UserMessage = Parameters<PluginManager["runOnUserMessageCallback"]>;

export function interceptInvocations({ Runner, PluginManager }: AdkCopy): void {
  intercept<Runner, RunParameters, AsyncGenerator<Event, void, undefined>>(
    Runner.prototype,
    "runAsync",
    ({ run, original }, parameters) => {
      const scope = run.open("invocation");
      const stamp = (event: Event) => eventStamps(run).stamp(event, scope.path);
      return boundGenerator(scope, () => original(parameters), stamp);
    },
  );

  // The first thing that happens to a new invocation: nothing has seen its random id yet.
  intercept<PluginManager, UserMessage, ReturnType<PluginManager["runOnUserMessageCallback"]>>(
    PluginManager.prototype,
    "runOnUserMessageCallback",
    ({ run, original }, message) => {
      const invocation: { -readonly [K in keyof InvocationContext]: InvocationContext[K] } =
        message.invocationContext;
      invocation.invocationId = `e-${stableId(run, "invocation", run.path)}`;
      return original(message);
    },
  );
}
