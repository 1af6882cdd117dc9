import {
  LinuxWebApp as LinuxWebAppResource,
  type LinuxWebAppSiteConfig,
  type LinuxWebAppSiteConfigApplicationStack,
} from '@cdktf/provider-azurerm/lib/linux-web-app';
import { ServicePlan } from '@cdktf/provider-azurerm/lib/service-plan';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Tier } from '../core/tier';
import { sendLogs } from './app-logs';
import { appsSubnetId } from './app-network';
import { type AppSetting, settingProblems, settingText } from './app-setting';
import { AzureStack } from './azure-stack';
import type { IKeyVault } from './key-vault';
import { madeInApp } from './made-in-app';
import type { IManagedIdentity } from './managed-identity';
import { NAMES } from './names';
import { mayRead, SecretReference, VaultUrl } from './secret-access';

/** Plans with network integration and without idling; zones from Premium v3 on. @see https://learn.microsoft.com/azure/app-service/overview-hosting-plans */
const PLANS: Readonly<Record<Tier, { readonly sku: string; readonly instances: number }>> = {
  sandbox: { sku: 'B1', instances: 1 },
  development: { sku: 'B1', instances: 1 },
  staging: { sku: 'P0v3', instances: 2 },
  production: { sku: 'P1v3', instances: 3 },
};

/** Plans whose apps can be integrated into a network and kept awake. */
const ABLE_SKU = /^(B[1-3]|S[1-3]|P[1-3]v2|P[0-5]m?v[34])$/;
/** Plans that spread over zones. @see https://learn.microsoft.com/azure/reliability/reliability-app-service */
const ZONAL_SKU = /^P([1-3]v2|[0-5]m?v[34])$/;

/** Zones that a plan is spread over, so its instances come in multiples of these. */
const ZONES = 3;

const INSTANCES = { min: 1, max: 30 } as const;

/** Minutes after which an instance that fails its health check is taken out. @see https://learn.microsoft.com/azure/app-service/monitor-instances-health-check */
const EVICTION_MINUTES = { min: 2, max: 10, default: 5 } as const;

/** How long App Service keeps its own copy of HTTP logs, beside those in Log Analytics. */
const FILE_LOGS = { days: 7, megabytes: 35 } as const;

/** Setting by which the app's SDK names its identity: an app without a system identity must name one. */
const IDENTITY_SETTING = { resourceId: 'MANAGED_IDENTITY_RESOURCE_ID', clientId: 'AZURE_CLIENT_ID' } as const;

/** What the app runs on: a runtime of App Service, or a container image. */
export type WebAppRuntime =
  | {
      readonly kind: 'runtime';
      readonly language: 'dotnet' | 'go' | 'node' | 'php' | 'python';
      /** The version as App Service names it, such as `22-lts` for Node.js. */
      readonly version: string;
    }
  | {
      readonly kind: 'container';
      /** The image with a tag other than `latest`, such as `myapp/web:1.4.2`. */
      readonly image: string;
      /** The registry's URL; one that needs no login. */
      readonly registryUrl: string;
    };

/** Properties of {@link LinuxWebApp}. */
export interface LinuxWebAppProps {
  /** The app's name; the environment comes in front of it, and its suffix behind. */
  readonly name: string;
  /** What the app runs as, and reads its secrets as. */
  readonly identity: IManagedIdentity;
  readonly runtime: WebAppRuntime;
  /** The path that answers 200 when the app has all that it needs, such as `/healthz`; secrets that it could not read included. */
  readonly healthCheckPath: string;
  /**
   * Settings, which the app sees as environment variables. Handing in `secret.reference()` is the grant.
   *
   * @default {}
   */
  readonly settings?: Readonly<Record<string, AppSetting>>;
  /**
   * Whether the app reaches the environment's network, and sends everything through it.
   *
   * @default true
   */
  readonly networkIntegration?: boolean;
  /**
   * Whether the app answers on the public network. Closed, it needs a private endpoint of its own.
   *
   * @default true
   */
  readonly publicAccess?: boolean;
  /**
   * The oldest TLS version that callers may use.
   *
   * @default '1.2'
   */
  readonly minimumTls?: '1.2' | '1.3';
  /**
   * The plan's size, such as `P1v3`.
   *
   * @default - by tier: B1, P0v3 in staging, P1v3 in production
   */
  readonly sku?: string;
  /**
   * Instances of the plan.
   *
   * @default - by tier: 1, 2 in staging, 3 in production, one for each zone
   */
  readonly instances?: number;
  /**
   * Minutes after which an instance that fails its health check is replaced, 2 to 10.
   *
   * @default 5
   */
  readonly evictionMinutes?: number;
}

/**
 * A web app on Linux that gets its secrets from a vault: by references, which App Service resolves, or by the SDK.
 *
 * App Service resolves references when the app starts and then within 24 hours of a change; one that could not be
 * resolved stands in its variable as the text of the reference. So the app belongs in a stack that is applied after the
 * values are written.
 *
 * @see https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
 */
export class LinuxWebApp extends Construct {
  /** The physical name. */
  readonly name: string;
  /** The host on which App Service serves the app. */
  readonly hostName: string;

  /**
   * @throws {InvalidProps} `SR-AZURE-LITERAL-SECRET`, `SR-AZURE-LITERAL-REFERENCE`, `SR-AZURE-SETTING-NAME`,
   * `SR-AZURE-NO-WAY-IN`, `SR-AZURE-PLAN`, `SR-AZURE-HEALTH-CHECK`, `SR-AZURE-RUNTIME`, `SR-NAME-ILLEGAL`,
   * `SR-NAME-TAKEN`; at synthesis `SR-AZURE-NOT-GRANTED`.
   */
  constructor(scope: Construct, id: string, props: LinuxWebAppProps) {
    super(scope, id);
    const stack = AzureStack.of(this);
    const { identity, settings = {} } = props;
    madeInApp(this).begin(this.node.path);
    const plan = planOf(stack, props);
    const subnetId = props.networkIntegration === false ? undefined : appsSubnetId(stack);
    refuse(this, [
      ...settingProblems(settings),
      ...wayInProblems(settings, subnetId),
      ...planProblems(plan),
      ...healthProblems(props),
      ...runtimeProblems(props.runtime),
    ]);
    this.name = stack.worldwide(props.name);
    stack.claim(this, NAMES.webApp, this.name, 'world');
    for (const value of Object.values(settings)) {
      if (value instanceof SecretReference) value.secret.grantRead(identity);
      if (value instanceof VaultUrl) this.mustBeGranted(value.vault, identity);
    }

    const app = new LinuxWebAppResource(this, 'app', {
      name: this.name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      servicePlanId: this.makePlan(stack, props, plan).id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      keyVaultReferenceIdentityId: identity.id,
      ...(subnetId === undefined ? {} : { virtualNetworkSubnetId: subnetId }),
      httpsOnly: true,
      publicNetworkAccessEnabled: props.publicAccess ?? true,
      ftpPublishBasicAuthenticationEnabled: false,
      webdeployPublishBasicAuthenticationEnabled: false,
      clientAffinityEnabled: false,
      appSettings: settingTexts(settings, identity),
      siteConfig: siteConfig(props, subnetId !== undefined),
      logs: {
        detailedErrorMessages: true,
        failedRequestTracing: true,
        httpLogs: { fileSystem: { retentionInDays: FILE_LOGS.days, retentionInMb: FILE_LOGS.megabytes } },
      },
      tags: stack.tags,
    });
    this.hostName = app.defaultHostname;
    sendLogs(this, { id: app.id, categories: ['AppServiceHTTPLogs', 'AppServiceAuditLogs', 'AppServicePlatformLogs'] });
    madeInApp(this).add(this.node.path, this);
  }

  private makePlan(stack: AzureStack, props: LinuxWebAppProps, plan: Plan): ServicePlan {
    const name = stack.named(`${props.name}-plan`);
    stack.claim(this, NAMES.servicePlan, name);
    return new ServicePlan(this, 'plan', {
      name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      osType: 'Linux',
      skuName: plan.sku,
      workerCount: plan.instances,
      zoneBalancingEnabled: plan.zonal,
      tags: stack.tags,
    });
  }

  /** A vault's URL says nothing about secrets, so the grant must come from somewhere else in the app. */
  private mustBeGranted(vault: IKeyVault, identity: IManagedIdentity): void {
    this.node.addValidation({
      validate: () =>
        madeInApp(this).refused || mayRead(this, vault, identity)
          ? []
          : [
              `${this.node.path}: settings hand ${vault.name} to ${identity.name}, which may read no secret of it; call grantRead on the secrets that the app asks for [SR-AZURE-NOT-GRANTED]`,
            ],
    });
  }
}

/** The size of an app's plan. */
interface Plan {
  readonly sku: string;
  readonly instances: number;
  readonly zonal: boolean;
}

function planOf(stack: AzureStack, props: LinuxWebAppProps): Plan {
  const byTier = PLANS[stack.environment.tier];
  const sku = props.sku ?? byTier.sku;
  return {
    sku,
    instances: props.instances ?? byTier.instances,
    zonal: stack.defaults.multipleZones && ZONAL_SKU.test(sku),
  };
}

function siteConfig(props: LinuxWebAppProps, integrated: boolean): LinuxWebAppSiteConfig {
  const minimumTls = props.minimumTls ?? '1.2';
  return {
    alwaysOn: true,
    applicationStack: applicationStack(props.runtime),
    ftpsState: 'Disabled',
    healthCheckPath: props.healthCheckPath,
    healthCheckEvictionTimeInMin: props.evictionMinutes ?? EVICTION_MINUTES.default,
    http2Enabled: true,
    localMysqlEnabled: false,
    minimumTlsVersion: minimumTls,
    remoteDebuggingEnabled: false,
    scmMinimumTlsVersion: minimumTls,
    use32BitWorker: false,
    // Linux apps find a vault's private endpoint only when everything goes through the network.
    vnetRouteAllEnabled: integrated,
  };
}

function applicationStack(runtime: WebAppRuntime): LinuxWebAppSiteConfigApplicationStack {
  if (runtime.kind === 'container') return { dockerImageName: runtime.image, dockerRegistryUrl: runtime.registryUrl };
  const { language, version } = runtime;
  switch (language) {
    case 'dotnet':
      return { dotnetVersion: version };
    case 'go':
      return { goVersion: version };
    case 'node':
      return { nodeVersion: version };
    case 'php':
      return { phpVersion: version };
    case 'python':
      return { pythonVersion: version };
  }
}

/** The settings as texts, with the one by which the SDK knows its identity where the app asks a vault by itself. */
function settingTexts(
  settings: Readonly<Record<string, AppSetting>>,
  identity: IManagedIdentity,
): Record<string, string> {
  const asksByItself = Object.values(settings).some((value) => value instanceof VaultUrl);
  // Its client id is made by Azure: a stack that only names the identity knows its resource id alone.
  const whoami: Readonly<Record<string, string>> =
    identity.clientId === undefined
      ? { [IDENTITY_SETTING.resourceId]: identity.id }
      : { [IDENTITY_SETTING.clientId]: identity.clientId };
  const texts = Object.entries(settings).map(([name, value]) => [name, settingText(value)] as const);
  return { ...(asksByItself ? whoami : {}), ...Object.fromEntries(texts) };
}

function wayInProblems(
  settings: Readonly<Record<string, AppSetting>>,
  subnetId: string | undefined,
): readonly (Problem | undefined)[] {
  if (subnetId !== undefined) return [];
  return Object.entries(settings).map(([name, value]) => {
    const vault =
      value instanceof SecretReference ? value.secret.vault : value instanceof VaultUrl ? value.vault : undefined;
    if (vault === undefined || !vault.ofThisApp) return undefined;
    return {
      code: 'SR-AZURE-NO-WAY-IN',
      property: `settings.${name}`,
      message: `is in ${vault.name}, which is closed, and the app is not in its network`,
      fix: 'leave networkIntegration on, and give appsSubnetId where the network is given',
    };
  });
}

function planProblems({ sku, instances, zonal }: Plan): readonly (Problem | undefined)[] {
  const whole = Number.isInteger(instances) && instances >= INSTANCES.min && instances <= INSTANCES.max;
  return [
    ABLE_SKU.test(sku)
      ? undefined
      : {
          code: 'SR-AZURE-PLAN',
          property: 'sku',
          message: `is ${JSON.stringify(sku)}, allowed are plans with network integration and always on, from B1 up`,
          fix: "leave it out for the tier's own",
        },
    whole && (!zonal || instances % ZONES === 0)
      ? undefined
      : {
          code: 'SR-AZURE-PLAN',
          property: 'instances',
          message: `is ${instances}, allowed are ${zonal ? `multiples of ${ZONES}, one for each zone,` : 'whole numbers'} from ${INSTANCES.min} to ${INSTANCES.max}`,
          fix: "leave it out for the tier's own",
        },
  ];
}

function healthProblems({
  healthCheckPath: path,
  evictionMinutes,
}: LinuxWebAppProps): readonly (Problem | undefined)[] {
  const minutes = evictionMinutes ?? EVICTION_MINUTES.default;
  const fits = Number.isInteger(minutes) && minutes >= EVICTION_MINUTES.min && minutes <= EVICTION_MINUTES.max;
  return [
    /^\/[\w./~%-]*$/.test(path)
      ? undefined
      : {
          code: 'SR-AZURE-HEALTH-CHECK',
          property: 'healthCheckPath',
          message: `is ${JSON.stringify(path)}, allowed is a path from the root on, without a query`,
          fix: 'write one such as /healthz',
        },
    fits
      ? undefined
      : {
          code: 'SR-AZURE-HEALTH-CHECK',
          property: 'evictionMinutes',
          message: `is ${minutes}, allowed are whole minutes from ${EVICTION_MINUTES.min} to ${EVICTION_MINUTES.max}`,
          fix: `leave it out for ${EVICTION_MINUTES.default}`,
        },
  ];
}

function runtimeProblems(runtime: WebAppRuntime): readonly (Problem | undefined)[] {
  if (runtime.kind === 'container') return [imageProblem(runtime.image), registryProblem(runtime.registryUrl)];
  if (/^[\w.-]+$/.test(runtime.version)) return [];
  return [
    {
      code: 'SR-AZURE-RUNTIME',
      property: 'runtime.version',
      message: `is ${JSON.stringify(runtime.version)}, allowed is a version as App Service names it`,
      fix: 'write one such as 22-lts, see `az webapp list-runtimes --os-type linux`',
    },
  ];
}

function imageProblem(image: string): Problem | undefined {
  if (/^[a-z0-9][a-z0-9._/-]*(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image)) return undefined;
  return {
    code: 'SR-AZURE-RUNTIME',
    property: 'runtime.image',
    message: `is ${JSON.stringify(image)}, allowed is an image with a tag other than latest, or a digest`,
    fix: 'name the one version that was tested',
  };
}

function registryProblem(url: string): Problem | undefined {
  if (/^https:\/\/[a-z0-9.-]+$/.test(url)) return undefined;
  // What a URL has beside host and path may be a secret, so it is not repeated.
  const shown = /[@?#]/.test(url) ? 'has more than a host' : `is ${JSON.stringify(url)}`;
  return {
    code: 'SR-AZURE-RUNTIME',
    property: 'runtime.registryUrl',
    message: `${shown}, allowed is an https URL without user and path`,
    fix: 'write one such as https://registry.example.com',
  };
}
