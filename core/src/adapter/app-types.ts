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

type TypesOf<App> = AppTypes<App>[keyof AppTypes<App>];
export type InputOf<App> = TypesOf<App> extends { input: infer I } ? I : never;
export type OptionsOf<App> = TypesOf<App> extends { options: infer O } ? O : never;
export type OutputOf<App> = TypesOf<App> extends { output: infer O } ? O : never;
