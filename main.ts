import { run } from './cli/run';
import { dev } from './environments/dev';
import { checkEnvironments } from './environments/environment';
import { prod } from './environments/prod';
import { sandbox } from './environments/sandbox';
import { staging } from './environments/staging';
import { MyappAws } from './stacks/myapp-aws';
import { MyappAzure } from './stacks/myapp-azure';
import { MyappAzureValues } from './stacks/myapp-azure-values';
import { MyappAzureWeb } from './stacks/myapp-azure-web';
import { MyappVault } from './stacks/myapp-vault';
import { PlatformVault } from './stacks/platform-vault';

void run({
  // The sandbox is never deployed together with the others: npm run sandbox.
  environments: process.argv[2] === 'sandbox' ? [sandbox] : [dev, staging, prod],
  check: checkEnvironments,
  stacks: [MyappAws, MyappAzure, MyappAzureValues, MyappAzureWeb, PlatformVault, MyappVault],
}).then((exitCode) => {
  process.exitCode = exitCode;
});
