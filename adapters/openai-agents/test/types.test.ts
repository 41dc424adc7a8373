import type { InputOf, OptionsOf, OutputOf, StreamOf } from "@holdfast/core";
import type { Agent, AgentInputItem, Runner } from "@openai/agents";
import { expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type {} from "../src/index.ts";

interface Order {
  readonly id: string;
}

test("an agent is run with the context it is made for, and gives what its output type says", () => {
  type App = Agent<Order, z.ZodObject<{ total: z.ZodNumber }>>;
  expectTypeOf<string | AgentInputItem[]>().toExtend<InputOf<App>>();
  expectTypeOf<StreamOf<App>["state"]>().toExtend<InputOf<App>>();
  expectTypeOf<NonNullable<StreamOf<App>["finalOutput"]>>().toEqualTypeOf<{ total: number }>();
  expectTypeOf<ReturnType<StreamOf<App>["toTextStream"]>>().not.toBeAny();
  expectTypeOf<{ context: Order; maxTurns: number }>().toExtend<OptionsOf<App>>();
  expectTypeOf<{ session: string }>().toExtend<OptionsOf<App>>();
  expectTypeOf<{ context: number }>().not.toExtend<OptionsOf<App>>();
  expectTypeOf<NonNullable<OutputOf<App>["finalOutput"]>>().toEqualTypeOf<{ total: number }>();
});

test("an agent with the runner that is to run it is the same to the types", () => {
  type App = Agent<Order>;
  type WithRunner = { readonly agent: App; readonly runner: Runner };
  expectTypeOf<OutputOf<WithRunner>>().toEqualTypeOf<OutputOf<App>>();
  expectTypeOf<OptionsOf<WithRunner>>().toEqualTypeOf<OptionsOf<App>>();
});
