/** What a program is doing in one execution, as the program knows it. */
import type { Scope } from "@holdfast/core/journal";
import type { Oracle } from "./oracle.ts";

export class Activity {
  readonly #oracle: Oracle;
  readonly #openQuestions: () => number;
  readonly #now: () => number;
  /** Questions that were asked, also about steps in doubt, and those that the program was left with. */
  questions = 0;
  left = 0;
  /** Pieces of plain code under way, bodies that do something themselves, and tries that are to come. */
  plainCode = 0;
  readonly #bodies = new Set<Scope>();
  triesToCome = 0;
  /** How often a question was asked. */
  asked = 0;
  /** Whether no body is to begin any more, but inside others. */
  isStopping = false;
  /** When it was stopped: nothing is to return to the program after that moment. */
  stoppedAt: number | undefined;
  /** Nothing of the program may go on from now. */
  isOver = false;

  /** @param openQuestions how many the run says are open */
  constructor(oracle: Oracle, openQuestions: () => number, now: () => number) {
    this.#now = now;
    this.#oracle = oracle;
    this.#openQuestions = openQuestions;
  }

  /** What the program does by itself. */
  get doing(): readonly string[] {
    const { plainCode, triesToCome } = this;
    const bodies = this.#bodies.size;
    return Object.entries({ plainCode, bodies, triesToCome }).flatMap(([what, count]) =>
      count > 0 ? [what] : [],
    );
  }

  /** Whether it only waits for somebody. */
  get isIdle(): boolean {
    if (this.doing.length > 0 || this.questions === 0) return false;
    return this.questions + this.left === this.#openQuestions();
  }

  async question<T>(under: Promise<T>): Promise<T> {
    this.asked += 1;
    this.questions += 1;
    const answer = await under;
    this.goesOn("a question");
    this.questions -= 1;
    return answer;
  }

  async plain<T>(under: Promise<T>): Promise<T> {
    this.plainCode += 1;
    const result = await under;
    this.plainCode -= 1;
    return result;
  }

  async body<T>(scope: Scope, under: Promise<T>): Promise<T> {
    this.#bodies.add(scope);
    const result = await under;
    this.#bodies.delete(scope);
    return result;
  }

  /** Whether a body does something. What it does beside a question of its own, nobody can see. */
  get isInBody(): boolean {
    return [...this.#bodies].some((scope) => !scope.isStill);
  }

  /** To be called where the program goes on. */
  goesOn(what: string): void {
    if (this.isOver) this.#oracle.violated(`${what} went on after the execution was over`);
    if (this.stoppedAt !== undefined && this.stoppedAt < this.#now())
      this.#oracle.violated(`${what} went on after the execution was stopped`);
  }

  /** To be called where a body begins. `mayBegin`: whatever the execution is told. */
  begins(what: string, mayBegin: boolean): void {
    this.goesOn(what);
    if (this.isStopping && !mayBegin)
      this.#oracle.violated(`${what} began though the run is to stop`);
  }
}
