import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/database/index.ts";
import { redact, redactedCause, redactUrl, secretsOf } from "../../src/database/redaction.ts";
import { HoldfastError } from "../../src/errors/index.ts";

const NASTY = ["p@ss:w/rd", "%40%", "a?b#c", "päss wörd", "***secret***", "$1\\'\"", "::@@//"];

test("a URL is shown without its password, in the user part or the query", () => {
  expect(redactUrl("postgres://ana:secret@db:5432/app")).toBe("postgres://ana:***@db:5432/app");
  expect(redactUrl("postgres://ana@db/app?password=secret&sslmode=require")).toBe(
    "postgres://ana@db/app?password=***&sslmode=require",
  );
  expect(redactUrl("postgres://ana@db/app")).toBe("postgres://ana@db/app");
});

test("what cannot be parsed for certain is not shown at all", () => {
  expect(redactUrl("host=db password=secret")).toBe("***");
  expect(redactUrl("postgres://ana:12/sec@ret@db/app")).toBe("postgres://***");
  expect(redactUrl("postgres://ana:12?sec@db/app")).toBe("postgres://***");
  expect(redactUrl("postgres://ana:s e c@db:port/app")).toBe("postgres://***");
});

test.each(NASTY)("the password %j is removed in every form it can take", (password) => {
  const encoded = encodeURIComponent(password);
  for (const url of [
    `postgres://ana:${encoded}@db:5432/app`,
    `postgres://ana@db:5432/app?password=${encoded}`,
  ]) {
    expect(redactUrl(url)).not.toContain(encoded);
    const secrets = secretsOf(url);
    const text = redact(`tried ${password}, ${encoded} and ${url}`, secrets);
    expect(text).not.toContain(password);
    expect(text).not.toContain(encoded);
  }
});

test("no error of a failed connection shows the password, however it is written", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 6, maxLength: 24, unit: "grapheme-ascii" }),
      fc.constantFrom(encodeURIComponent, (password: string) => password),
      async (password, write) => {
        // Letters and marks that no message of ours contains by itself.
        const secret = `Zq${password}Qz`;
        const url = `postgres://ana:${write(secret)}@127.0.0.1:1/app`;
        const error: unknown = await openDatabase({ database: url }).catch((reason) => reason);
        expect(HoldfastError.is(error)).toBe(true);
        const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
        for (const part of ["Zq", "Qz", secret, write(secret)]) expect(shown).not.toContain(part);
      },
    ),
    { numRuns: 60 },
  );
});

test("a cause keeps its code and text, and nothing that could lead to a secret", () => {
  const original = Object.assign(new Error("login as hunter22 failed"), {
    code: "28P01",
    client: { password: "hunter22" },
  });
  const copy = redactedCause(original, ["hunter22"]);
  expect(copy).toMatchObject({ message: "login as *** failed", code: "28P01" });
  expect(inspect(copy, { depth: 9, showHidden: true })).not.toContain("hunter22");
});
