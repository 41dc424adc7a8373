/**
 * `interrupt()` in a graph, and its breakpoints, as questions of the run. Invariants: each question is asked once in an
 * execution; an answer goes to exactly the question it was given to, also where one task asks several
 * in turn, for which LangGraph has only one id; and a question that is asked again, by a task that stands
 * where the state was changed by hand, is the same question.
 */
import {
  type Answer,
  askOrLeave,
  type OpenScope,
  type Question,
  type RunContext,
  withdraw,
} from "@holdfast/core/adapter";
import type { Command } from "@langchain/langgraph";
import { askedAgain } from "./asked-again.ts";
import type { Breakpoint } from "./breakpoints.ts";
import { type Given, resumption } from "./resumption.ts";
import type { PendingInterrupt, RunSaver } from "./run-saver.ts";

/** What a question is called that asks to go on past a breakpoint. */
export const BREAKPOINT = "breakpoint";

export class Answers {
  readonly #run: RunContext;
  readonly #saver: RunSaver;
  readonly #scope: OpenScope;
  /** By what was asked in this execution, LangGraph's id of it, and the answer if there is one. */
  readonly #asked = new Map<string, { readonly id: string; readonly answer: Answer | undefined }>();
  /** Asked before the state was changed by hand, and not since, by LangGraph's ids. */
  #unasked: Map<string, PendingInterrupt> | undefined;

  constructor(run: RunContext, saver: RunSaver) {
    this.#run = run;
    this.#saver = saver;
    this.#scope = run.open("interrupts");
    // Answers are taken before the graph runs: none of its results is to wait for one.
    this.#scope.close();
  }

  /**
   * Asks what the graph asks and was not asked yet. Returns what the graph is to be told, if there are
   * answers that it was not told, and whether anything is open: without an answer.
   */
  async take(): Promise<{ told: Command | undefined; anyOpen: boolean }> {
    const given: Given[] = [];
    let anyOpen = false;
    const pending = await this.#saver.pending();
    const before = (await this.#saver.pendingBefore()) ?? [];
    const again = askedAgain(pending, before);
    for (const interrupt of pending) {
      const question = questionOf(interrupt, again.get(interrupt));
      const key = this.#run.fingerprint(question.identity);
      const known = this.#asked.get(key);
      const answer = known === undefined ? await this.#ask(question) : known.answer;
      this.#asked.set(key, { id: interrupt.id, answer });
      if (answer === undefined) anyOpen = true;
      else if (known?.id !== interrupt.id) given.push({ id: interrupt.id, answer: answer.value });
    }
    await this.#withdrawAll(before, [...again.values()]);
    return { told: resumption(given), anyOpen };
  }

  /** Whether somebody has said to go on past a breakpoint; if not, that is asked. */
  async passes({ nodes, stands, graph, step }: Breakpoint): Promise<boolean> {
    const asked = stands === "before" ? { interruptBefore: nodes } : { interruptAfter: nodes };
    // An update by hand can have brought the run before other nodes by the time it is said to go on.
    const identity = [graph, step];
    const question = { kind: "input", name: BREAKPOINT, asked, identity, ahead: true } as const;
    return (await this.#ask(question)) !== undefined;
  }

  /**
   * Withdraws what was asked before the state was changed by hand, and is not asked again. That can be told
   * only when the graph has been called.
   */
  async #withdrawAll(
    before: readonly PendingInterrupt[],
    again: readonly PendingInterrupt[],
  ): Promise<void> {
    const wasCalled = this.#unasked !== undefined;
    this.#unasked ??= new Map(before.map((interrupt) => [interrupt.id, interrupt]));
    for (const { id } of again) this.#unasked.delete(id);
    if (!wasCalled) return;
    for (const interrupt of this.#unasked.values()) {
      await this.#scope.run(() => withdraw(this.#run, questionOf(interrupt)));
    }
    this.#unasked.clear();
  }

  #ask(question: Asked): Promise<Answer | undefined> {
    return this.#scope.run(() => askOrLeave(this.#run, question));
  }
}

type Asked = Question & { readonly identity: unknown };

function questionOf(
  { value, node, answered, ...interrupt }: PendingInterrupt,
  { question }: Pick<PendingInterrupt, "question"> = interrupt,
): Asked {
  // By its id it is found by whoever answers in LangGraph's own way.
  const callId = answered === 0 ? question : `${question}/${answered}`;
  const identity = [question, answered, value];
  return { kind: "input", name: node, asked: value, callId, identity, ahead: true };
}
