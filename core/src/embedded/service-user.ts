// PostgreSQL refuses to run as root. Started by root, the database runs as the owner of its files,
// and a new one as `postgres` or, where there is no such account, `nobody` (initdb wants an account
// that has a name). Everyone else runs it as themselves. Windows has no user ids.
import { readFile, stat } from "node:fs/promises";
import { HoldfastError } from "../errors/index.ts";

export interface ServiceUser {
  readonly uid: number;
  readonly gid: number;
}

/** The account to run the database under; undefined means this process's own. */
export async function serviceUser(dataDirectory: string): Promise<ServiceUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDirectory).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };

  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const name of ["postgres", "nobody"]) {
    const fields = accounts
      .split("\n")
      .map((line) => line.split(":"))
      .find((line) => line[0] === name);
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new HoldfastError(
    "EMBEDDED_START_FAILED",
    "PostgreSQL does not run as root, and this machine has neither a `postgres` nor a `nobody` account to run it as.",
    {
      hint: "Start this program as an ordinary user, add one of these accounts, or set HOLDFAST_DATABASE_URL to a PostgreSQL of your own.",
    },
  );
}
