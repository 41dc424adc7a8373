/** Rounds of chaos as one reads them, and keeps them. */
import type { RoundCounts, RoundResult } from "./round.ts";

export function printResult({ seed, violations, counts, said }: RoundResult): string {
  const { ms, runs, steps, bodies, repeated, kills, drains, attempts, answers } = counts;
  const line = [
    `seed ${seed}: ${violations.length === 0 ? "ok" : `${violations.length} VIOLATIONS`}`,
    `${runs} runs in ${(ms / 1000).toFixed(1)} s`,
    `${steps} steps returned, ${bodies} bodies, ${repeated} repeated in doubt`,
    `${attempts} attempts, ${answers} answers`,
    `${kills} killed, ${drains} drained, ${counts.stops} stopped, ${counts.postgresKills} × Postgres`,
    `again elsewhere after ${quantiles(counts.takeoversMs)} ms`,
  ].join("; ");
  if (violations.length === 0) return line;
  const log = [...said].map(([what, count]) => `  ${count} × ${what}`);
  return [line, ...violations.slice(0, 30).map((one) => `✗ ${one}`), "said:", ...log].join("\n");
}

/** A row for the table of results. */
export function printSum(all: readonly RoundCounts[], ms: number): string {
  const sum = (of: (counts: RoundCounts) => number) =>
    all.reduce((total, counts) => total + of(counts), 0).toLocaleString("en");
  const columns: readonly (readonly [string, string])[] = [
    ["minutes", (ms / 60_000).toFixed(1)],
    ["rounds", String(all.length)],
    ["runs", sum(({ runs }) => runs)],
    ["steps returned", sum(({ steps }) => steps)],
    ["bodies", sum(({ bodies }) => bodies)],
    ["repeated in doubt", sum(({ repeated }) => repeated)],
    ["attempts", sum(({ attempts }) => attempts)],
    ["journal entries", sum(({ entries }) => entries)],
    ["questions answered", sum(({ answers }) => answers)],
    ["workers killed", sum(({ kills }) => kills)],
    ["drained", sum(({ drains }) => drains)],
    ["stopped past their lease", sum(({ stops }) => stops)],
    ["Postgres killed", sum(({ postgresKills }) => postgresKills)],
    ["begun again elsewhere, ms p50 / p99 / max", quantiles(all.flatMap((one) => one.takeoversMs))],
  ];
  return [
    `| ${columns.map(([name]) => name).join(" | ")} |`,
    `|${columns.map(() => "---:|").join("")}`,
    `| ${columns.map(([, value]) => value).join(" | ")} |`,
  ].join("\n");
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (sorted.length === 0) return "–";
  return [0.5, 0.99, 1].map((share) => Math.round(at(share)!).toLocaleString("en")).join(" / ");
}
