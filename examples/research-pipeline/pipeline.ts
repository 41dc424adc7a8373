/**
 * The pipeline: Google's ADK and nothing else. Three researchers at once, a writer, a review that goes
 * round until the reviewer is content, and a publisher who needs a person's consent.
 */
import {
  type BaseLlm,
  EXIT_LOOP,
  LlmAgent,
  LoopAgent,
  ParallelAgent,
  SequentialAgent,
} from "@google/adk";
import { publish, search } from "./tools.ts";

export function researchPipeline(model: string | BaseLlm): SequentialAgent {
  const researchers = ["light", "water", "ground"].map(
    (topic) =>
      new LlmAgent({
        name: topic,
        model,
        instruction: `Search for what kelp needs of ${topic}: once. Say what you found in one sentence.`,
        tools: [search],
        outputKey: topic,
      }),
  );
  const writer = new LlmAgent({
    name: "writer",
    model,
    instruction:
      "Write three sentences on where kelp grows, of nothing but this: {light} {water} {ground}",
    outputKey: "text",
  });
  const reviewer = new LlmAgent({
    name: "reviewer",
    model,
    instruction:
      "Review: {text} If it has a title in its first line, call exit_loop and say nothing; else ask for one.",
    tools: [EXIT_LOOP],
    outputKey: "review",
  });
  const editor = new LlmAgent({
    name: "editor",
    model,
    instruction:
      "Do to the text what the review asks for, and say it anew. {text} Review: {review}",
    outputKey: "text",
  });
  const publisher = new LlmAgent({
    name: "publisher",
    model,
    instruction: "Publish this under its title: {text} Then say in one sentence that it is out.",
    tools: [publish],
  });
  return new SequentialAgent({
    name: "pipeline",
    subAgents: [
      new ParallelAgent({ name: "research", subAgents: researchers }),
      writer,
      new LoopAgent({ name: "review", maxIterations: 3, subAgents: [reviewer, editor] }),
      publisher,
    ],
  });
}
