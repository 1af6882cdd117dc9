import type { App } from 'cdktf';
import { AwsStack } from '../../constructs/aws/aws-stack';
import { DatabaseSecret } from '../../constructs/aws/database-secret';
import { PostgresDatabase } from '../../constructs/aws/postgres-database';
import { Secret } from '../../constructs/aws/secret';
import { type StackClass, synthesize } from '../../constructs/core/app';
import { RotationSchedule } from '../../constructs/core/rotation-schedule';
import { Value } from '../../constructs/core/value';
import type { Environment } from '../../environments/environment';
import { prod } from '../../environments/prod';
import { SIZE } from './size';

/** Each stack is an app of its own, with one database host and rotated users in it. */
function manySecrets(n: number): StackClass<Environment> {
  return class extends AwsStack {
    constructor(app: App, environment: Environment) {
      super(app, environment, `bench${n}`);
      const superuser = Secret.fromArn(this, 'superuser', superuserArn(n));
      const database = PostgresDatabase.existing({ host: `db${n}.example.com`, name: 'bench', superuser });
      for (let m = 0; m < SIZE.secretsPerStack; m += 1) {
        new DatabaseSecret(this, `secret${m}`, {
          name: `bench${n}/user${m}`,
          owner: 'platform',
          database,
          username: `user${m}`,
          value: Value.generated({ since: '2026-11-01' }),
        }).addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true });
      }
    }
  };
}

function superuserArn(n: number): string {
  return `arn:aws:secretsmanager:eu-central-1:777788889999:secret:bench${n}/master-AbCdEf`;
}

const [, , outdir, count = SIZE.stacks] = process.argv;
if (outdir !== undefined) {
  const stacks = Array.from({ length: Number(count) }, (_, n) => manySecrets(n));
  // As every app of Strongroom does it, with all that this checks and saves.
  void synthesize({ environments: [prod], stacks }, outdir).then(() => {
    console.log(`peak-mib=${Math.round(process.resourceUsage().maxRSS / 1024)}`);
  });
}
