/**
 * The copies of `@langchain/core` in this process. An app built with `import` and one built with
 * `require` use different classes of the same package, and a package installed twice has more of them;
 * each copy is intercepted on its own. Finding a copy changes nothing.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as models from "@langchain/core/language_models/chat_models";
import * as runnables from "@langchain/core/runnables";
import * as tools from "@langchain/core/tools";

/** The prototypes at which one copy is intercepted. */
export interface CoreCopy {
  readonly model: object;
  readonly tool: object;
  readonly sequence: object;
  readonly runnable: object;
}

interface Modules {
  readonly models: object;
  readonly tools: object;
  readonly runnables: object;
}

/** Those that come with this package: for `import`, and for `require`. */
export function ownCopies(): readonly CoreCopy[] {
  const require = createRequire(import.meta.url);
  return [
    copyOf({ models, tools, runnables }),
    copyOf({
      models: require("@langchain/core/language_models/chat_models"),
      tools: require("@langchain/core/tools"),
      runnables: require("@langchain/core/runnables"),
    }),
  ];
}

/** Those that the program would load from where it was started. None if it has no other. */
export function copiesOfProgram(): readonly CoreCopy[] {
  const places = [process.argv[1], join(process.cwd(), "program.js")];
  return places.flatMap((place) => (place === undefined ? [] : copiesSeenFrom(place)));
}

function copiesSeenFrom(file: string): readonly CoreCopy[] {
  const require = createRequire(file);
  try {
    const dist = join(dirname(require.resolve("@langchain/core/package.json")), "dist");
    return [".js", ".cjs"].map((extension) =>
      copyOf({
        models: require(join(dist, `language_models/chat_models${extension}`)),
        tools: require(join(dist, `tools/index${extension}`)),
        runnables: require(join(dist, `runnables/index${extension}`)),
      }),
    );
  } catch {
    return []; // It has none, or one of a form that is not known here.
  }
}

function copyOf({ models, tools, runnables }: Modules): CoreCopy {
  return {
    model: prototypeOf(models, "BaseChatModel"),
    tool: prototypeOf(tools, "StructuredTool"),
    sequence: prototypeOf(runnables, "RunnableSequence"),
    runnable: prototypeOf(runnables, "Runnable"),
  };
}

function prototypeOf(module: object, name: string): object {
  const found: unknown = Reflect.get(module, name);
  return (found as { readonly prototype: object }).prototype;
}

/** The prototypes of an object, the nearest first. */
export function prototypesOf(object: object): readonly object[] {
  const prototypes: object[] = [];
  for (let at: unknown = object; ; ) {
    at = Object.getPrototypeOf(at);
    if (typeof at !== "object" || at === null) return prototypes;
    prototypes.push(at);
  }
}
