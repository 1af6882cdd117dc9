import { run } from './cli/run';
import { dev } from './environments/dev';
import { checkEnvironments } from './environments/environment';
import { prod } from './environments/prod';
import { staging } from './environments/staging';
import { MyappAws } from './stacks/myapp-aws';
import { MyappAzure } from './stacks/myapp-azure';
import { MyappAzureValues } from './stacks/myapp-azure-values';
import { MyappAzureWeb } from './stacks/myapp-azure-web';
import { MyappVault } from './stacks/myapp-vault';
import { PlatformVault } from './stacks/platform-vault';

void run({
  environments: [dev, staging, prod],
  check: checkEnvironments,
  stacks: [MyappAws, MyappAzure, MyappAzureValues, MyappAzureWeb, PlatformVault, MyappVault],
}).then((exitCode) => {
  process.exitCode = exitCode;
});
