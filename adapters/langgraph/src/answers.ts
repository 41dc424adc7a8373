/**
 * `interrupt()` in a graph, and its breakpoints, as questions of the run. Invariants: each question is asked once in an
 * execution; an answer goes to exactly the question it was given to, also where one task asks several
 * in turn, for which LangGraph has only one id.
 */
import {
  type Answer,
  askOrLeave,
  type OpenScope,
  type Question,
  type RunContext,
} from "@holdfast/core/adapter";
import type { Command } from "@langchain/langgraph";
import type { Breakpoint } from "./breakpoints.ts";
import { type Given, resumption } from "./resumption.ts";
import type { RunSaver } from "./run-saver.ts";

/** What a question is called that asks to go on past a breakpoint. */
export const BREAKPOINT = "breakpoint";

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
   * Asks what the graph asks and was not asked yet. Returns what the graph is to be told, if there are
   * answers, and whether anything is open.
   */
  async take(): Promise<{ told: Command | undefined; anyOpen: boolean }> {
    const given: Given[] = [];
    const pending = await this.#saver.pending();
    for (const { id, value, node, answered } of pending) {
      const identity = [id, answered, value];
      const key = this.#run.fingerprint(identity);
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      // By its id it is found by whoever answers in LangGraph's own way.
      const callId = answered === 0 ? id : `${id}/${answered}`;
      const answer = await this.#ask({ name: node, asked: value, callId, identity });
      if (answer !== undefined) given.push({ id, answer: answer.value });
    }
    return { told: resumption(given), anyOpen: pending.length > given.length };
  }

  /** Whether somebody has said to go on past a breakpoint; if not, that is asked. */
  async passes({ nodes, stands, graph, step }: Breakpoint): Promise<boolean> {
    const asked = stands === "before" ? { interruptBefore: nodes } : { interruptAfter: nodes };
    // An update by hand can have brought the run before other nodes by the time it is said to go on.
    const identity = [graph, step];
    return (await this.#ask({ name: BREAKPOINT, asked, identity })) !== undefined;
  }

  #ask(question: Omit<Question, "kind" | "ahead">): Promise<Answer | undefined> {
    return this.#scope.run(() =>
      askOrLeave(this.#run, { ...question, kind: "input", ahead: true }),
    );
  }
}
