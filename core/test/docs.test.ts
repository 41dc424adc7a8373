// The pages of the project agree with the code and with one another.
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../src/index.ts";

const root = join(import.meta.dirname, "../..");
const errorPages = join(root, "docs/errors");

describe("the pages of the error codes", () => {
  const pages = readdirSync(errorPages).filter((file) => file !== "README.md");

  it("are one for every code, and none for anything else", () => {
    expect(pages.toSorted()).toEqual(ERROR_CODES.map((code) => `${code}.md`).toSorted());
  });

  it.each(pages)("%s has its code as the title", (file) => {
    const [title] = readFileSync(join(errorPages, file), "utf8").split("\n");
    expect(title).toContain(basename(file, ".md"));
  });
});

describe("the links in a page lead to files and headings that exist", () => {
  it.each(markdownFiles())("%s", (page) => {
    const broken = relativeLinks(join(root, page)).filter(
      (link) => !resolves(join(root, page), link),
    );
    expect(broken).toEqual([]);
  });
});

describe("the tests that a page names for what it promises exist", () => {
  const tests = globSync("**/test/**/*.ts", { cwd: root, exclude: ["**/node_modules", "**/dist"] })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");

  it.each([
    "docs/guarantees.md",
    "docs/storage.md",
    "docs/langgraph.md",
    "docs/openai-agents.md",
    "docs/adk.md",
  ])("%s", (page) => {
    const named = namedTests(readFileSync(join(root, page), "utf8"));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !tests.includes(name))).toEqual([]);
  });
});

/** What stands in italics in the last cell of each row of a table; an ellipsis leaves out the rest. */
function namedTests(page: string): string[] {
  const lastCells = [...page.matchAll(/^\|.*\|([^|]+)\|$/gm)].map(([, cell]) => cell ?? "");
  return lastCells.flatMap((cell) =>
    [...cell.matchAll(/\*([^*]+)\*/g)].map(([, name]) => (name ?? "").replace(/…$/, "")),
  );
}

/** Every page of the project, by its path from the top folder. */
function markdownFiles(): string[] {
  return globSync("**/*.md", { cwd: root, exclude: ["**/node_modules", "**/.*"] });
}

function relativeLinks(page: string): string[] {
  const text = readFileSync(page, "utf8").replace(/^```.*?^```/gms, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(target)) return false;
  return heading === undefined || anchors(readFileSync(target, "utf8")).includes(heading);
}

/** The names by which the headings of a page can be linked to. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
