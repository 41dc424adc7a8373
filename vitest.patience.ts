/**
 * How long tests wait, everywhere: for as long as it takes on a machine that is busy with everything at
 * once. None of it is a claim about speed: that is measured in bench/.
 */
import type { ProjectConfig } from "vitest/node";

type Patience = Required<Pick<ProjectConfig, "testTimeout" | "hookTimeout" | "expect">>;

export const patience: Patience = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000 } },
};
