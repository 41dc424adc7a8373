/**
 * The worker processes of the chaos: so many serve, and one stands by for the next that goes. Invariant:
 * whatever a process told before it went is heard, and when it went is known by the clock that it told by.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { moment, type Told } from "./happening.ts";
import { WORKER_ORDER, type WorkerOrder } from "./worker-order.ts";

/** Why a process is no more, or soon will be. */
export type Going = "killed" | "drained";

export interface WorkerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** When it was told to serve. */
  readonly since: number;
  /** Whether it said that it serves. */
  isServing: boolean;
  going: { readonly how: Going; readonly at: number } | undefined;
  /** While it is stopped, nobody kills it. */
  isSpared: boolean;
  exit: Promise<Exit>;
}

export interface Exit {
  readonly at: number;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface FleetOptions {
  readonly size: number;
  readonly url: string;
  /** What the next process is told. */
  order(): WorkerOrder;
  hear(pid: number, told: Told): void;
  /** Something that no process may do. */
  violated(what: string): void;
}

const SCRIPT = fileURLToPath(new URL("worker.ts", import.meta.url));

export class Fleet {
  readonly #options: FleetOptions;
  readonly #serving = new Set<WorkerProcess>();
  readonly #all = new Set<ChildProcess>();
  #standby: Promise<ChildProcess>;
  #isClosing = false;
  /** How many processes there were. */
  started = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#standby = this.#spawn();
  }

  async open(): Promise<void> {
    while (this.#serving.size < this.#options.size) await this.#add();
  }

  /** Those that serve, or are about to. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#serving];
  }

  worker(pid: number): WorkerProcess | undefined {
    return this.workers.find((worker) => worker.pid === pid);
  }

  /** Another takes its place at once. */
  async kill(worker: WorkerProcess): Promise<void> {
    this.#leave(worker, "killed", "SIGKILL");
    await Promise.all([this.#add(), worker.exit]);
  }

  /** Another takes its place, while it ends what is under way. */
  async drain(worker: WorkerProcess): Promise<Exit> {
    this.#leave(worker, "drained", "SIGTERM");
    await this.#add();
    return worker.exit;
  }

  /** Everybody ends in order. */
  async close(): Promise<readonly Exit[]> {
    this.#isClosing = true;
    const { workers } = this;
    for (const worker of workers) this.#leave(worker, "drained", "SIGTERM");
    const exits = await Promise.all(workers.map(({ exit }) => exit));
    this.destroy();
    return exits;
  }

  /** Nothing of it is left. */
  destroy(): void {
    this.#isClosing = true;
    for (const child of this.#all) child.kill("SIGKILL");
  }

  #leave(worker: WorkerProcess, how: Going, signal: NodeJS.Signals): void {
    worker.going = { how, at: moment() };
    this.#serving.delete(worker);
    worker.child.kill(signal);
  }

  async #add(): Promise<void> {
    const standby = this.#standby;
    // At once: another may be needed before this one is there.
    this.#standby = this.#spawn();
    const child = await standby;
    if (this.#isClosing) return;
    const worker: WorkerProcess = {
      pid: child.pid!,
      child,
      since: moment(),
      isServing: false,
      going: undefined,
      isSpared: false,
      exit: this.#exitOf(child, () => worker.going),
    };
    this.#serving.add(worker);
    child.stdin!.write("serve\n");
  }

  /** Resolves when it stands by. */
  #spawn(): Promise<ChildProcess> {
    const { url, order, hear, violated } = this.#options;
    const child = spawn(process.execPath, [SCRIPT], {
      env: {
        ...process.env,
        HOLDFAST_DATABASE_URL: url,
        [WORKER_ORDER]: JSON.stringify(order()),
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#all.add(child);
    this.started += 1;
    child.stdin!.on("error", () => {}); // It was killed before it read.
    let errors = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const { promise, resolve } = Promise.withResolvers<ChildProcess>();
    createInterface(child.stdout!).on("line", (line) => {
      const told = JSON.parse(line) as Told;
      if (told.is === "loaded") return resolve(child);
      if (told.is === "serving") {
        const worker = this.worker(child.pid!);
        if (worker !== undefined) worker.isServing = true;
      }
      hear(child.pid!, told);
    });
    child.once("close", () => {
      this.#all.delete(child);
      if (errors !== "") violated(`Process ${child.pid} wrote to stderr: ${errors.slice(0, 2000)}`);
    });
    return promise;
  }

  #exitOf(child: ChildProcess, going: () => WorkerProcess["going"]): Promise<Exit> {
    return new Promise((resolve) => {
      // After everything it had told was heard.
      child.once("close", (code, signal) => {
        if (going() === undefined && !this.#isClosing) {
          this.#options.violated(`Process ${child.pid} ended by itself, with ${code ?? signal}.`);
        }
        resolve({ at: moment(), code, signal });
      });
    });
  }
}
