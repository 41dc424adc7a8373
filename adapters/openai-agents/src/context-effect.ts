/** What a tool or handoff does to the context of its run, beside its result: done again on replay. */
import type { Codec } from "@holdfast/core";
import type { StepEffect } from "@holdfast/core/adapter";
import type { RunContext as SdkContext } from "@openai/agents";
import {
  type Change,
  changesBetween,
  type Picture,
  pictureOf,
  withChanges,
} from "./context-difference.ts";

export class ContextEffect implements StepEffect {
  readonly #holder: SdkContext<unknown>;
  readonly #codec: Codec;
  #before: Picture | undefined;

  constructor(holder: SdkContext<unknown>, codec: Codec) {
    this.#holder = holder;
    this.#codec = codec;
  }

  /** The body begins: what changes from here on is its doing. */
  begin(): void {
    this.#before ??= this.#picture();
  }

  read(): readonly Change[] | undefined {
    if (this.#before === undefined) return undefined;
    const changes = changesBetween(this.#before, this.#picture());
    return changes.length === 0 ? undefined : changes;
  }

  apply(changes: unknown): void {
    this.#holder.context = withChanges(this.#holder.context, changes as readonly Change[]);
  }

  #picture(): Picture {
    return pictureOf(this.#holder.context, this.#codec);
  }
}
