/** A Kubernetes service account that a workload runs as. */
export interface KubernetesPlace {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * A program that reads secrets, as plain data: its name and where it runs.
 *
 * It is not what a grant is given to. Each store makes an identity for it (an IAM role, a managed identity, a Vault
 * auth role), and grants go to that identity.
 */
export interface Workload {
  /** The workload's name: lower-case letters, digits and single hyphens. */
  readonly name: string;
  /** Where it runs. */
  readonly runsOn: {
    /** On Amazon ECS. */
    readonly ecs?: true;
    /** On Azure App Service. */
    readonly appService?: true;
    /** In Kubernetes, as this service account. */
    readonly kubernetes?: KubernetesPlace;
  };
}
