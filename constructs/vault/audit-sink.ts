import type { Problem } from '../core/errors';
import { isHostAndPort, isServerPath } from './environment';

/** Facilities of syslog that a server program may use. */
const FACILITIES = [
  'AUTH',
  'AUTHPRIV',
  'DAEMON',
  'LOCAL0',
  'LOCAL1',
  'LOCAL2',
  'LOCAL3',
  'LOCAL4',
  'LOCAL5',
  'LOCAL6',
  'LOCAL7',
];

/** Tags of syslog: one word. */
const TAG = /^[A-Za-z0-9_-]{1,32}$/;

/** How long a collector may hold a request up before the device counts as failed. */
const SOCKET_PATIENCE = '2s';

/**
 * Where one audit device writes.
 *
 * @see https://developer.hashicorp.com/vault/docs/audit
 */
export class AuditSink {
  /** A file on the server, readable by its owner alone; or `stdout`, where a container's log is collected. */
  static file(path: string): AuditSink {
    const allowed = path === 'stdout' || isServerPath(path);
    return new AuditSink('file', path, { file_path: path, ...(path === 'stdout' ? {} : { mode: '0600' }) }, [
      sinkProblem(allowed, 'SR-VAULT-AUDIT-FILE', path, "an absolute path on the server of plain words, or 'stdout'"),
    ]);
  }

  /** A collector that takes lines over TCP, `host:port`; it must listen when the device is made. */
  static socket(address: string): AuditSink {
    const options = { address, socket_type: 'tcp', write_timeout: SOCKET_PATIENCE };
    return new AuditSink('socket', address, options, [
      sinkProblem(isHostAndPort(address), 'SR-VAULT-AUDIT-SOCKET', address, 'host:port'),
    ]);
  }

  /** The syslog of the server's machine, which must run a daemon when the device is made. */
  static syslog(options: { readonly facility?: string; readonly tag?: string } = {}): AuditSink {
    const { facility = 'AUTH', tag = 'vault' } = options;
    return new AuditSink('syslog', `${facility} ${tag}`, { facility, tag }, [
      sinkProblem(FACILITIES.includes(facility), 'SR-VAULT-AUDIT-SYSLOG', facility, FACILITIES.join(', ')),
      sinkProblem(TAG.test(tag), 'SR-VAULT-AUDIT-SYSLOG', tag, 'one word of letters, digits, hyphens and underscores'),
    ]);
  }

  private constructor(
    readonly kind: 'file' | 'socket' | 'syslog',
    /** Where it writes, in words that tell two sinks apart. */
    readonly target: string,
    /** The device's options as Vault takes them, strings all. */
    readonly options: Readonly<Record<string, string>>,
    /** Everything that is wrong with it. */
    readonly problems: readonly (Problem | undefined)[],
  ) {}
}

function sinkProblem(fits: boolean, code: string, value: string, allowed: string): Problem | undefined {
  if (fits) return undefined;
  return {
    code,
    property: 'sinks',
    message: `has ${JSON.stringify(value)}, allowed is ${allowed}`,
    fix: 'write it in that form',
  };
}
