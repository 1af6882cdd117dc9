import type { App } from 'cdktf';
import { AwsStack } from '../constructs/aws/aws-stack';
import { DatabaseSecret } from '../constructs/aws/database-secret';
import { EcsService } from '../constructs/aws/ecs-service';
import type { HasAws } from '../constructs/aws/environment';
import { PostgresDatabase } from '../constructs/aws/postgres-database';
import { Secret } from '../constructs/aws/secret';
import type { CoreEnvironment } from '../constructs/core/environment';
import { RotationSchedule } from '../constructs/core/rotation-schedule';
import { SecretType } from '../constructs/core/secret-type';
import { Value } from '../constructs/core/value';
import { myapp } from '../environments/workloads';

/** What `myapp` needs from AWS in one environment. */
export class MyappAws extends AwsStack {
  constructor(app: App, environment: CoreEnvironment & HasAws) {
    super(app, environment, 'myapp');

    const database = new PostgresDatabase(this, 'database', { name: 'myapp' });

    // The first password is a seed that no login ever uses: the first rotation makes the role with another one.
    const credentials = new DatabaseSecret(this, 'credentials', {
      name: 'myapp/database',
      owner: 'payments',
      database,
      username: 'myapp',
      value: Value.generated({ since: '2026-11-01' }),
    });
    credentials.addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true });

    // The provider hands this key out; the stack's next steps say how it gets in.
    const paymentKey = new Secret(this, 'payment-key', {
      name: 'myapp/payment-provider',
      type: SecretType.API_KEY,
      owner: 'payments',
      value: Value.external({ since: '2026-11-01' }),
    });

    // Naming a field here is the grant: the service may read these two secrets and nothing else.
    new EcsService(this, 'service', {
      workload: myapp,
      image: 'myapp:1.4.2',
      secrets: {
        DB_USERNAME: credentials.field('username'),
        DB_PASSWORD: credentials.field('password'),
        PAYMENT_KEY: paymentKey.whole(),
      },
      onRotation: 'redeploy',
    });
  }
}
