import { expect, it } from "vitest";
import { toldStory } from "./told-story.ts";

it("research-pipeline is killed at every stage, goes on in another worker each time, and does everything once", async () => {
  const { title, all, ledger } = await toldStory("research-pipeline", {
    GOOGLE_API_KEY: "",
    GEMINI_API_KEY: "",
  });
  expect(title).toContain("The model is a script");
  const stages = all.split("✗ kill -9, in the middle of ");
  expect(stages.slice(1).map((stage) => stage.split("\n")[0])).toEqual([
    "light: search",
    "editor: model",
    "publisher: consent",
  ]);
  for (const stage of stages.slice(1)) expect(stage).toContain("goes on");
  expect(stages[1]).toContain("▶ light: search, again");
  expect(stages[2]).toContain("▶ editor: model, again");
  expect(stages[3]).toContain("☑ ana consents");
  expect(all).toContain('The agents said: "Where kelp grows" is out.');

  const whats = ledger.map(({ what }) => what);
  expect(whats).toHaveLength(16);
  expect(new Set(whats).size).toBe(16);
  expect(new Set(ledger.map(({ worker }) => worker)).size).toBe(4);
  const by = (what: string) => ledger.find((line) => line.what === what)?.worker;
  expect(by("searched for light")).not.toBe(by("asked the model (light, on 1)"));
  expect(by("asked the model (editor, on 12)")).not.toBe(by("asked the model (writer, on 10)"));
  expect(by('published "Where kelp grows"')).not.toBe(by("asked the model (publisher, on 15)"));
});
