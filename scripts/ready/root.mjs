import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top folder of this clone. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where npm puts the programs of the installed packages, the pinned Node among them. */
export const bin = join(root, "node_modules", ".bin");
