import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { Construct } from 'constructs';
import { AzureStack } from './azure-stack';
import { NAMES, resourceId } from './names';

const CHILD = 'app-logs';

/** Days that a workspace keeps logs. @see https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure */
const RETENTION_DAYS = { min: 30, max: 730 } as const;

/** What of a resource goes to the logs. */
export interface LogSource {
  /** The id of the resource. */
  readonly id: string;
  /** Categories of its logs, as Azure names them. */
  readonly categories: readonly string[];
  /**
   * Whether the logs go to tables of their own, with a column for each field, where the resource offers that.
   *
   * @default false
   */
  readonly ownTables?: boolean;
}

/** The workspace that an app's logs go to: made once, in the stack of the first vault, or given by the environment. */
class AppLogs extends Construct {
  readonly workspaceId: string;

  constructor(stack: AzureStack) {
    super(stack, CHILD);
    const name = workspaceName(stack);
    stack.claim(this, NAMES.logs, name);
    const workspace = new LogAnalyticsWorkspace(this, 'workspace', {
      name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      sku: 'PerGB2018',
      retentionInDays: Math.min(Math.max(stack.defaults.logRetentionDays, RETENTION_DAYS.min), RETENTION_DAYS.max),
      // The provider keeps the workspace's shared keys in state; without this they would open it.
      localAuthenticationEnabled: false,
      tags: stack.tags,
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
    });
    this.workspaceId = workspace.id;
  }
}

/** Sends a resource's logs and metrics to the app's workspace. */
export function sendLogs(scope: Construct, source: LogSource): MonitorDiagnosticSetting {
  return new MonitorDiagnosticSetting(scope, 'logs', {
    name: 'to-log-analytics',
    targetResourceId: source.id,
    logAnalyticsWorkspaceId: workspaceId(AzureStack.of(scope)),
    ...(source.ownTables === true ? { logAnalyticsDestinationType: 'Dedicated' } : {}),
    enabledLog: source.categories.map((category) => ({ category })),
    enabledMetric: [{ category: 'AllMetrics' }],
  });
}

/** The id of the workspace: a reference where this stack makes it, composed from names elsewhere. */
function workspaceId(stack: AzureStack): string {
  if (stack.azure.logs?.kind === 'given') return stack.azure.logs.workspaceId;
  if (stack.stackName.part !== undefined) {
    return resourceId(stack.place, 'Microsoft.OperationalInsights/workspaces', workspaceName(stack));
  }
  const present = stack.node.tryFindChild(CHILD);
  return (present instanceof AppLogs ? present : new AppLogs(stack)).workspaceId;
}

function workspaceName(stack: AzureStack): string {
  return stack.named(`${stack.appName}-logs`);
}
