import { Construct } from 'constructs';
import { EphemeralResource } from './ephemeral';
import { refuse } from './errors';
import { StrongroomStack } from './strongroom-stack';
import { type GeneratedValue, valueProblems } from './value';

/**
 * A generated value inside one stack, with the version that all its consumers share.
 *
 * The ephemeral value is new in each run of Terraform and the same for all consumers within one run, so consumers that
 * had versions of their own would drift apart.
 *
 * @see https://registry.terraform.io/providers/hashicorp/random/latest/docs/ephemeral-resources/password
 */
export class GeneratedSecret extends Construct {
  /** The value, to be used in write-only arguments only, alone or inside `Fn.jsonencode`. */
  readonly value: string;
  /** What every consumer writes beside its write-only argument. */
  readonly version: number;

  /** @throws {InvalidProps} `SR-VALUE-VERSION`, `SR-VALUE-LENGTH`, `SR-DATE`. */
  constructor(scope: Construct, id: string, props: GeneratedValue) {
    super(scope, id);
    refuse(this, valueProblems('value', props));
    StrongroomStack.of(this).ensureRandomProvider();
    const password = new EphemeralResource(this, 'password', 'random_password', {
      length: props.length,
      // Letters and digits alone survive every URL, shell, connection string and template on the way.
      special: false,
      min_lower: 1,
      min_upper: 1,
      min_numeric: 1,
    });
    this.value = password.attribute('result');
    this.version = props.version;
  }
}
