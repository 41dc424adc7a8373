/**
 * `interrupt()` in a graph as a question of the run. Invariants: each question is asked once in an
 * execution; an answer goes to exactly the question it was given to, also where one task asks several
 * in turn, for which LangGraph has only one id.
 */
import { askOrLeave, type OpenScope, type RunContext } from "@holdfast/core/adapter";
import type { RunSaver } from "./run-saver.ts";

export class Answers {
  readonly #run: RunContext;
  readonly #saver: RunSaver;
  readonly #scope: OpenScope;
  readonly #asked = new Set<string>();

  constructor(run: RunContext, saver: RunSaver) {
    this.#run = run;
    this.#saver = saver;
    this.#scope = run.open("interrupts");
    // Answers are taken before the graph runs: none of its results is to wait for one.
    this.#scope.close();
  }

  /**
   * Asks what the graph asks and was not asked yet. Returns the answers there are, by LangGraph's ids,
   * and whether anything is open.
   */
  async take(): Promise<{ given: Record<string, unknown> | undefined; anyOpen: boolean }> {
    const given: Record<string, unknown> = {};
    const pending = await this.#saver.pending();
    for (const { id, value, node, answered } of pending) {
      const identity = [id, answered, value];
      const key = this.#run.fingerprint(identity);
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      const question = { kind: "input", name: node, asked: value, identity, ahead: true } as const;
      const answer = await this.#scope.run(() => askOrLeave(this.#run, question));
      if (answer !== undefined) given[id] = answer.value;
    }
    const answers = Object.keys(given).length;
    return { given: answers === 0 ? undefined : given, anyOpen: pending.length > answers };
  }
}
