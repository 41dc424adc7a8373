import { readFileSync } from "node:fs";

/** Of the programs that a page shows, those that do not stand in the test that is to run them. */
export function programsNotRun(page: URL, test: URL): readonly string[] {
  const shown = readFileSync(page, "utf8").matchAll(/^```ts\n(.*?)^```/gms);
  const programs = [...shown].map(([, program = ""]) =>
    withoutIndents(program.replace(/^(import .*|const runtime = .*)?\n/gm, "")),
  );
  if (programs.length === 0) throw new Error(`${page.pathname} shows no program.`);
  const run = withoutIndents(readFileSync(test, "utf8"));
  return programs.filter((program) => !run.includes(program));
}

function withoutIndents(text: string): string {
  return text.replace(/^ +/gm, "").trim();
}
