/** ADK as Holdfast sees it: one run is one turn of a conversation. */
import type { BaseNode } from "@google/adk";
import type { Adapter } from "@holdfast/core/adapter";
import type { AdkInput, AdkOptions, AdkOutput } from "./app-types.ts";
import { install } from "./install.ts";
import { eventOf, plainEvent } from "./plain-event.ts";
import { SUPPORTED } from "./supported.ts";
import { takeTurn } from "./turn.ts";

export const adkAdapter: Adapter = {
  name: "adk",
  supported: SUPPORTED,
  recognises: isApp,
  nameOf: (app) => (app as BaseNode).name,
  install: (app) => install(app as BaseNode),
  async execute({ app, input, options, run }) {
    const output = await takeTurn({
      app: app as BaseNode,
      input: input as AdkInput,
      options: (options ?? {}) as AdkOptions,
      run,
    });
    return { is: "ended", output, stored: { ...output, events: output.events.map(plainEvent) } };
  },
  restore(stored) {
    const output = stored as AdkOutput;
    return { ...output, events: output.events.map(eventOf) };
  },
};

const NODE = Symbol.for("google.adk.workflow.baseNode");

/** Agents, workflows and bare nodes of whichever copy of ADK. */
function isApp(app: unknown): boolean {
  return typeof app === "object" && app !== null && NODE in app;
}
