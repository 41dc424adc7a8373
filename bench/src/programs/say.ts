import type { News } from "../fleet/worker-process.ts";

/** To the bench. */
export function say(news: News): void {
  process.send!(news);
}
