/** ADK as Holdfast sees it: one run is one turn of a conversation. */
import type { Event } from "@google/adk";
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import { answersIn } from "./answers.ts";
import { type AdkApp, appNameOf, isApp } from "./app.ts";
import type { AdkInput, AdkOptions, AdkOutput } from "./app-types.ts";
import { threadOf } from "./conversation.ts";
import { install } from "./install.ts";
import { eventOf, plainEvent } from "./plain-event.ts";
import { SUPPORTED } from "./supported.ts";
import { takeTurn } from "./turn.ts";

export const adkAdapter: Adapter = {
  name: "adk",
  supported: SUPPORTED,
  recognises: isApp,
  nameOf: (app) => appNameOf(app as AdkApp),
  install: (app) => install(app as AdkApp),
  threadOf: (app, options) => threadOf(app as AdkApp, options as AdkOptions | undefined),
  answersIn,
  answersApprovals: true,
  keepsOptions: true,
  execute: (call) => turnOf(call),
  stream: ({ emit, ...call }) => turnOf(call, emit),
  restore(stored) {
    const output = stored as AdkOutput;
    return { ...output, events: output.events.map(eventOf) };
  },
};

async function turnOf(
  { app, input, options, run }: AppCall,
  emit?: (event: Event) => void,
): Promise<ProgramEnd> {
  const output = await takeTurn({
    app: app as AdkApp,
    input: input as AdkInput,
    options: (options ?? {}) as AdkOptions,
    run,
    ...(emit && { emit }),
  });
  return { is: "ended", output, stored: { ...output, events: output.events.map(plainEvent) } };
}
