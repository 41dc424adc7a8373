export interface DeployedApp {
  readonly namespace: string;
  readonly name: string;
  readonly framework: string;
  readonly version: string;
  /** Its nodes and edges, as JSON. */
  readonly structure?: string;
}
