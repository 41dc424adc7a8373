import {
  Annotation,
  type AnnotationRoot,
  type BaseChannel,
  type OverwriteValue,
} from "@langchain/langgraph";

type Channel<T> = BaseChannel<T, T | OverwriteValue<T>>;

/** The state of the hand-written graphs: lines that are only ever added to, and a number. */
export const Lines: AnnotationRoot<{ lines: Channel<string[]>; number: Channel<number> }> =
  Annotation.Root({
    lines: Annotation<string[]>({ reducer: (old, added) => old.concat(added), default: () => [] }),
    number: Annotation<number>({ reducer: (_old, next) => next, default: () => 0 }),
  });
