/**
 * What retrievers, vector stores and embeddings find, as steps. A search is one step with all the
 * embedding and searching it takes; models and retrievers that a retriever asks are steps inside it.
 */
import { durableStep, intercept, type RunContext } from "@holdfast/core/adapter";
import { classesBelow, prototypesOf } from "./base-classes.ts";
import { nameOf } from "./model-call.ts";

/** Intercepts the method that a class below BaseRetriever has of its own. */
export function interceptRetriever(prototype: object): void {
  intercept<object, [query: string, callbacks?: unknown], Promise<unknown>>(
    prototype,
    "_getRelevantDocuments",
    ({ run, target, original }, query, callbacks) => {
      if (run.inside?.kind === "model") return original(query, callbacks);
      return retrieval(run, target, [query], () => original(query, callbacks));
    },
  );
}

const SEARCHES = [
  "similaritySearch",
  "similaritySearchWithScore",
  "similaritySearchVectorWithScore",
  "maxMarginalRelevanceSearch",
  "addDocuments",
  "addVectors",
  "delete",
];

/** Intercepts the searches and changes of a vector store's class, and the embeddings it uses. */
export function interceptVectorStore(prototype: object): void {
  for (const method of SEARCHES) {
    intercept<object, unknown[], Promise<unknown>>(
      prototype,
      method,
      ({ run, target, original }, ...args) => {
        classesBelow("VectorStore", target).forEach(interceptVectorStore);
        durableEmbeddings((target as { readonly embeddings?: object }).embeddings ?? {});
        if (isPartOfStep(run)) return original(...args);
        return retrieval(run, target, [method, ...args.filter(isData)], () => original(...args));
      },
    );
  }
}

const EMBEDDINGS = ["embedQuery", "embedDocuments"];

/**
 * Makes the calls of embeddings steps that are used directly, `await embeddings.embedQuery(text)` in a
 * node: LangChain has no place to find those. All objects of the class are meant. Returns what it is given.
 */
export function durableEmbeddings<Embeddings extends object>(embeddings: Embeddings): Embeddings {
  for (const prototype of prototypesOf(embeddings)) {
    for (const method of EMBEDDINGS) {
      intercept<object, unknown[], Promise<unknown>>(
        prototype,
        method,
        ({ run, target, original }, ...args) => {
          if (isPartOfStep(run)) return original(...args);
          return retrieval(run, target, [method, ...args], () => original(...args));
        },
      );
    }
  }
  return embeddings;
}

function retrieval(
  run: RunContext,
  target: object,
  input: readonly unknown[],
  body: () => Promise<unknown>,
): Promise<unknown> {
  return durableStep(run, { kind: "retrieval", name: nameOf(target), input, body });
}

const WHOLE = new Set(["model", "retrieval", "store"]);

/** Of a step that is recorded as a whole, with all that it takes. */
function isPartOfStep({ inside }: RunContext): boolean {
  return inside !== undefined && WHOLE.has(inside.kind);
}

/** Not callbacks, which are the last argument of searches. */
function isData(value: unknown): boolean {
  return !(typeof value === "object" && value !== null && "handlers" in value);
}
