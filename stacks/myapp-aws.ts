import type { App } from 'cdktf';
import { AwsStack } from '../constructs/aws/aws-stack';
import { DatabaseSecret } from '../constructs/aws/database-secret';
import type { HasAws } from '../constructs/aws/environment';
import { PostgresDatabase } from '../constructs/aws/postgres-database';
import { Secret } from '../constructs/aws/secret';
import type { CoreEnvironment } from '../constructs/core/environment';
import { SecretType } from '../constructs/core/secret-type';
import { Value } from '../constructs/core/value';

/** What `myapp` needs from AWS in one environment. */
export class MyappAws extends AwsStack {
  constructor(app: App, environment: CoreEnvironment & HasAws) {
    super(app, environment, 'myapp');

    const database = new PostgresDatabase(this, 'database', { name: 'myapp' });

    // The first password is a seed that no login ever uses: the first rotation makes the role with another one.
    new DatabaseSecret(this, 'credentials', {
      name: 'myapp/database',
      owner: 'payments',
      database,
      username: 'myapp',
      value: Value.generated({ since: '2026-11-01' }),
    });

    // The provider hands this key out; the stack's next steps say how it gets in.
    new Secret(this, 'payment-key', {
      name: 'myapp/payment-provider',
      type: SecretType.API_KEY,
      owner: 'payments',
      value: Value.external({ since: '2026-11-01' }),
    });
  }
}
