/** What a program is doing in one execution, as the program knows it. */
import type { Oracle } from "./oracle.ts";

export class Activity {
  readonly #oracle: Oracle;
  readonly #openQuestions: () => number;
  /** Questions that were asked, also about steps in doubt, and those that the program was left with. */
  questions = 0;
  left = 0;
  /** Pieces of plain code under way, bodies that do something themselves, tries that are to come. */
  plainCode = 0;
  bodies = 0;
  triesToCome = 0;
  /** How often a question was asked. */
  asked = 0;
  /** Nothing of the program may go on from now. */
  isOver = false;

  /** @param openQuestions how many the run says are open */
  constructor(oracle: Oracle, openQuestions: () => number) {
    this.#oracle = oracle;
    this.#openQuestions = openQuestions;
  }

  /** What the program does by itself. */
  get doing(): readonly string[] {
    const { plainCode, bodies, triesToCome } = this;
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
    this.questions -= 1;
    return answer;
  }

  async plain<T>(under: Promise<T>): Promise<T> {
    this.plainCode += 1;
    const result = await under;
    this.plainCode -= 1;
    return result;
  }

  async body<T>(under: Promise<T>): Promise<T> {
    this.bodies += 1;
    const result = await under;
    this.bodies -= 1;
    return result;
  }

  /** To be called where the program goes on. */
  goesOn(what: string): void {
    if (this.isOver) this.#oracle.violated(`${what} went on after the execution was over`);
  }
}
