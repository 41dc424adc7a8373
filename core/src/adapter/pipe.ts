/** Several apps, of any frameworks, as one: each is given what the one before it returned. */
import { runPart } from "../run/part.ts";
import type { Adapter } from "./adapter.ts";
import type { InputOf, OutputOf } from "./app-types.ts";

const PARTS: unique symbol = Symbol.for("holdfast.pipe");

export interface Pipe<Input, Output> {
  readonly [PARTS]: readonly unknown[];
  /** Only for the types. */
  readonly types?: { readonly input: Input; readonly output: Output };
}

type Last<Apps extends readonly unknown[]> = Apps extends readonly [...unknown[], infer L]
  ? L
  : never;

/** One run over several apps. A crash goes on in the app, and at the step, where it struck. */
export function pipe<const Apps extends readonly [unknown, ...unknown[]]>(
  ...apps: Apps
): Pipe<InputOf<Apps[0]>, OutputOf<Last<Apps>>> {
  return { [PARTS]: apps };
}

export const pipeAdapter: Adapter = {
  name: "pipe",
  supported: "*",
  recognises: (app) => typeof app === "object" && app !== null && PARTS in app,
  nameOf: () => "pipe",
  install: () => {},
  async execute({ app, input, run }) {
    let output = input;
    for (const part of (app as Pipe<unknown, unknown>)[PARTS]) {
      output = await runPart(run, { app: part, input: output });
    }
    return { is: "ended", output };
  },
};
