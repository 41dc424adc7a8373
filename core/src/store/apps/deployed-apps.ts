/** What was announced as there to be run, by name. */
import type { Pool } from "pg";
import type { DeployedApp } from "./deployed-app.ts";

const DEPLOY = {
  name: "holdfast_deploy_1",
  text: `
    insert into holdfast.apps as a (namespace, name, framework, version, structure)
    values ($1, $2, $3, $4, $5)
    on conflict (namespace, name) do update
      set framework = excluded.framework, version = excluded.version,
          structure = excluded.structure, deployed_at = now()
      where (a.framework, a.version, a.structure)
        is distinct from (excluded.framework, excluded.version, excluded.structure)`,
};

const SELECT_APPS = {
  name: "holdfast_select_apps_1",
  text: `
    select namespace, name, framework, version, structure
    from holdfast.apps where namespace = $1 order by name collate "C"`,
};

export async function deploy(
  pool: Pool,
  { namespace, name, framework, version, structure }: DeployedApp,
): Promise<void> {
  const values = [namespace, name, framework, version, structure ?? null];
  await pool.query({ ...DEPLOY, values });
}

export async function deployedApps(pool: Pool, namespace: string): Promise<readonly DeployedApp[]> {
  const { rows } = await pool.query<DeployedApp & { readonly structure: string | null }>({
    ...SELECT_APPS,
    values: [namespace],
  });
  return rows.map(({ structure, ...app }) => (structure === null ? app : { ...app, structure }));
}
