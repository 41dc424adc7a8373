import type { BenchServer } from "../bench-server.ts";

interface SuiteOptions {
  readonly rounds: number;
  /** Whether workers are to run on hosts of their own. */
  readonly hosts: boolean;
  /** Told what is being measured now. */
  readonly progress: (text: string) => void;
}

/** Measures one question and answers it in markdown. */
export type Suite = (server: BenchServer, options: SuiteOptions) => Promise<string>;
