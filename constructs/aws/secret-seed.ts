import { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { GeneratedSecret } from '../core/generated-secret';
import type { GeneratedValue } from '../core/value';

/**
 * The label that keeps the first version alive.
 *
 * AWS deletes versions without a label; the version that Terraform knows would vanish after two rotations, and the next
 * plan would write a new first value over the live one.
 */
const SEED_LABEL = 'STRONGROOM_SEED';

/** Properties of {@link SecretSeed}. */
export interface SecretSeedProps {
  readonly secretArn: string;
  readonly value: GeneratedValue;
  /** The secret's text, made of the ephemeral value; JSON only by `Fn.jsonencode`. */
  readonly text: (generated: string) => string;
}

/** The first value of a secret, generated while Terraform runs and written without passing through state. */
export class SecretSeed extends Construct {
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: SecretSeedProps) {
    super(scope, id);
    const generated = new GeneratedSecret(this, 'value', props.value);
    const version = new SecretsmanagerSecretVersion(this, 'version', {
      secretId: props.secretArn,
      secretStringWo: props.text(generated.value),
      secretStringWoVersion: generated.version,
      versionStages: ['AWSCURRENT', SEED_LABEL],
      // A rotation moves AWSCURRENT: that is its work and no drift.
      lifecycle: { ignoreChanges: ['version_stages'] },
    });
    this.dependables = [version];
  }
}
