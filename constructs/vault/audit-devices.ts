import { Audit } from '@cdktf/provider-vault/lib/audit';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { AuditSink } from './audit-sink';
import { claimVaultName, vaultNameProblem } from './names';
import { VaultStack } from './vault-stack';

/** Where the files of the devices go by default, on the server. */
const DIRECTORY = '/var/log/vault';

/** Properties of {@link AuditDevices}. */
export interface AuditDevicesProps {
  /**
   * Where the devices write: two at least, of different kinds.
   *
   * @default - a file in the environment's audit directory, and its collector, or syslog where it names none
   */
  readonly sinks?: readonly AuditSink[];
}

/**
 * The audit devices of a server: who did what, when and from where.
 *
 * Vault stops answering when no device can write, so there are two of different kinds, and everything else of the stack
 * waits for them. Any change of a device replaces it, which the other one bridges.
 *
 * On OpenBao devices are part of the server's own file, and in a namespace they belong to whoever runs the root
 * namespace: there the construct makes no resource, and its next step has the text or the commands.
 *
 * @see https://developer.hashicorp.com/vault/docs/audit
 * @see https://openbao.org/docs/configuration/audit
 */
export class AuditDevices extends Construct {
  private readonly devices: readonly Device[];

  /**
   * @throws {InvalidProps} `SR-VAULT-AUDIT-SINGLE`, `SR-VAULT-AUDIT-FILE`, `SR-VAULT-AUDIT-SOCKET`,
   * `SR-VAULT-AUDIT-SYSLOG`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: AuditDevicesProps = {}) {
    super(scope, id);
    const stack = VaultStack.of(this);
    this.devices = withPaths(stack, props.sinks ?? defaultSinks(stack));
    refuse(this, [
      twoKinds(this.devices),
      ...this.devices.flatMap(({ path, sink }) => [vaultNameProblem('audit', 'sinks', path), ...sink.problems]),
    ]);
    for (const { path, sink } of this.devices) {
      claimVaultName(this, 'sinks', { kind: 'audit', name: path });
      if (sink.kind === 'file' && sink.target !== 'stdout') {
        claimVaultName(this, 'sinks', { kind: 'audit file', name: sink.target });
      }
    }
    if (stack.vault.server === 'openbao') this.askForStanza(stack);
    else if (stack.vault.namespace !== undefined) this.askForCommands(stack);
    else this.makeDevices(stack);
  }

  /** The devices as stanzas of OpenBao's own configuration file. */
  stanza(): string {
    return this.devices
      .map(({ path, sink }) => {
        const options = Object.entries(sink.options).map(([name, value]) => `    ${name} = "${value}"`);
        return [`audit "${sink.kind}" "${path}" {`, '  options {', ...options, '  }', '}', ''].join('\n');
      })
      .join('\n');
  }

  private makeDevices(stack: VaultStack): void {
    for (const { path, sink } of this.devices) {
      const device = new Audit(this, sink.kind, {
        type: sink.kind,
        path,
        options: { ...sink.options },
        lifecycle: { preventDestroy: stack.defaults.preventDestroy },
      });
      stack.auditFirst(device);
    }
  }

  private askForStanza(stack: VaultStack): void {
    stack.addNextStep({
      what: `Before ${stack.node.id} is deployed: put these audit devices into the configuration file of every OpenBao server and send it SIGHUP`,
      run: this.stanza(),
    });
  }

  private askForCommands(stack: VaultStack): void {
    stack.addNextStep({
      what: `Before ${stack.node.id} is deployed: the operator of the root namespace enables these audit devices, which a namespace can't have of its own`,
      run: this.devices
        .map(({ path, sink }) => {
          const options = Object.entries(sink.options).map(([name, value]) => `${name}=${value}`);
          return `vault audit enable -address=${stack.vault.address} -path=${path} ${sink.kind} ${options.join(' ')}\n`;
        })
        .join(''),
    });
  }
}

/** A sink and the name of the device that writes there. */
interface Device {
  readonly path: string;
  readonly sink: AuditSink;
}

function withPaths(stack: VaultStack, sinks: readonly AuditSink[]): readonly Device[] {
  return sinks.map((sink) => ({ path: stack.named(`audit-${sink.kind}`), sink }));
}

function defaultSinks(stack: VaultStack): readonly AuditSink[] {
  const { directory = DIRECTORY, socket } = stack.vault.audit ?? {};
  return [
    AuditSink.file(`${directory}/${stack.named('audit')}.log`),
    socket === undefined ? AuditSink.syslog() : AuditSink.socket(socket),
  ];
}

function twoKinds(devices: readonly Device[]): Problem | undefined {
  const kinds = devices.map(({ sink }) => sink.kind);
  if (new Set(kinds).size >= 2 && new Set(kinds).size === kinds.length) return undefined;
  return {
    code: 'SR-VAULT-AUDIT-SINGLE',
    property: 'sinks',
    message: `are ${kinds.length === 0 ? 'none' : kinds.join(', ')}, allowed are two or three, each of another kind: Vault stops answering when no device can write`,
    fix: 'add a file, a socket or syslog',
  };
}
