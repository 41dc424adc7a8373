/** The types of apps: what `runtime.run(app, input, options)` takes and returns for each. */
import type { Pipe } from "./pipe.ts";

/**
 * What each adapter says of the apps it knows, for the types of `runtime.run`. An adapter adds to it:
 *
 * ```ts
 * declare module "@holdfast/core" {
 *   interface AppTypes<App> {
 *     myframework: App extends MyApp<infer I, infer O> ? { input: I; options: MyOptions; output: O } : never;
 *   }
 * }
 * ```
 */
export interface AppTypes<App> {
  function: App extends (input: infer I) => infer O
    ? { input: I; options: object; output: Awaited<O> }
    : never;
  pipe: App extends Pipe<infer I, infer O> ? { input: I; options: object; output: O } : never;
}

/**
 * What an adapter adds to if its streams depend on the options they are asked for with. Else it says
 * `stream` among its `AppTypes`.
 */
export interface StreamTypes<App, Options> {
  /** Adds nothing to what others say. */
  none: App & Options & never;
}

type TypesOf<App> = AppTypes<App>[keyof AppTypes<App>];
/** Of what is no app: `never`, so that it cannot be run. */
type Of<App, Key extends string> = [TypesOf<App>] extends [never]
  ? never
  : TypesOf<App> extends Record<Key, infer Type>
    ? Type
    : never;
export type InputOf<App> = Of<App, "input">;
export type OptionsOf<App> = [TypesOf<App>] extends [never] ? object : Of<App, "options">;
export type OutputOf<App> = Of<App, "output">;
/** What `runtime.config` gives: what the app's own methods take to look at a run. */
export type ConfigOf<App> = Of<App, "config">;
/** Options that are not given count as empty. */
type StreamFor<App, Given> = [Given] extends [never]
  ? StreamFor<App, object>
  : StreamTypes<App, Given>[keyof StreamTypes<App, Given>];
/** Of what says nothing about its stream: its pieces, one after the other. */
export type StreamOf<App, Options = object> = [TypesOf<App>] extends [never]
  ? never
  : [StreamFor<App, Options>] extends [never]
    ? TypesOf<App> extends { readonly stream: infer Stream }
      ? Stream
      : AsyncIterable<unknown>
    : StreamFor<App, Options>;
