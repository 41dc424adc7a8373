export type {
  Adapter,
  AppCall,
  AppTypes,
  InputOf,
  OptionsOf,
  OutputOf,
} from "./adapter.ts";
export { type Pipe, pipe } from "./pipe.ts";
export { registerAdapter } from "./registry.ts";
