/** The workers on duty: two of them, and for each that is killed another one comes. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

const WIDTH = 36;

export class Shift {
  readonly #program: URL;
  readonly #env: NodeJS.ProcessEnv;
  /** In which of the two columns a process is told of. */
  readonly #columns = new Map<number, number>();
  /** Those that live, once they serve. */
  readonly #onDuty = new Map<number, Promise<ChildProcess>>();
  #began = Number.NaN;

  /** @param program of a worker: it sends a message once it serves, and ends when it is disconnected */
  constructor(program: URL, ledger: string) {
    this.#program = program;
    this.#env = { ...process.env, LEDGER: ledger };
  }

  /** Resolves when both serve. */
  async begin(): Promise<void> {
    await Promise.all([this.#start(0), this.#start(1)]);
    this.#began = performance.now();
  }

  isOnDuty(pid: number): boolean {
    return this.#onDuty.has(pid);
  }

  /** Does not wait for the one that takes its place: the other one is there. */
  kill(pid: number): void {
    process.kill(pid, "SIGKILL");
    this.#onDuty.delete(pid);
    void this.#start(this.#columns.get(pid)!);
  }

  /** In the column of the process it is about. */
  say(text: string, pid?: number): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(2);
    const column = pid === undefined ? 0 : this.#columns.get(pid)!;
    console.log(`  ${seconds.padStart(7)}   ${" ".repeat(WIDTH * column)}${text}`);
  }

  async end(): Promise<void> {
    await Promise.all(
      [...this.#onDuty.values()].map(async (serving) => {
        const worker = await serving;
        worker.disconnect();
        await once(worker, "exit");
      }),
    );
  }

  #start(column: number): Promise<ChildProcess> {
    const worker = fork(this.#program, { env: this.#env });
    const serving = once(worker, "message").then(() => worker);
    this.#columns.set(worker.pid!, column);
    this.#onDuty.set(worker.pid!, serving);
    return serving;
  }
}
