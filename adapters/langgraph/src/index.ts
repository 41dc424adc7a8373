export { SUPPORTED } from "./supported.ts";
