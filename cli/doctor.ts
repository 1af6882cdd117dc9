import type { Command } from 'commander';
import { awsReader, NotExamined } from '../doctor/aws';
import { type Diagnosis, diagnose, type SecretFacts } from '../doctor/diagnose';
import { examine, MOST_LOGINS } from '../doctor/examine';
import { tryLogin } from '../doctor/login';

/** What the command's end says to a script. */
export const EXIT = { healthy: 0, wrong: 1, usage: 2, notExamined: 3 } as const;

interface DoctorOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly ca?: string;
  readonly tls: boolean;
  readonly login: boolean;
  readonly json: boolean;
}

const HELP = `
Examples:
  strongroom doctor prod/myapp/database
  strongroom doctor prod/myapp/database --profile prod --ca rds-ca.pem
  strongroom doctor prod/myapp/database --no-login --json

It calls DescribeSecret and GetSecretValue, tries ${MOST_LOGINS} logins at most, and changes nothing.

Exit code: ${EXIT.healthy} healthy, ${EXIT.wrong} something is wrong or unknown, ${EXIT.usage} wrong usage, ${EXIT.notExamined} the secret could not be examined.
`;

/** Adds `doctor` to a program; `tell` hears of its progress, and why it got nowhere. */
export function addDoctor(
  program: Command,
  write: (text: string) => void,
  exit: (code: number) => void,
  tell: (text: string) => void,
): void {
  program
    .command('doctor')
    .description('say what is wrong with a database secret, and the one safe next command')
    .argument('<secret>', 'name or ARN of a secret in AWS Secrets Manager')
    .option('--region <name>', 'region of the secret')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--ca <file>', "certificates that the database's is checked against")
    .option('--no-tls', 'log in without TLS')
    .option('--no-login', 'read labels only')
    .option('--json', 'print JSON', false)
    .addHelpText('after', HELP)
    .action(async (secret: string, options: DoctorOptions) => {
      try {
        const facts = await factsOf(secret, options, tell);
        const diagnosis = diagnose(facts);
        write(options.json ? asJson(facts, diagnosis) : asText(facts, diagnosis));
        exit(diagnosis.state === 'healthy' ? EXIT.healthy : EXIT.wrong);
      } catch (error) {
        if (!(error instanceof NotExamined)) throw error;
        if (options.json) write(JSON.stringify({ error: error.message }));
        else tell(`error: ${error.message}`);
        exit(EXIT.notExamined);
      }
    });
}

async function factsOf(secret: string, options: DoctorOptions, tell: (text: string) => void): Promise<SecretFacts> {
  const { region, profile, ca, tls, login } = options;
  const reader = await awsReader({ ...(region ? { region } : {}), ...(profile ? { profile } : {}) });
  try {
    return await examine(secret, {
      describe: reader.describe,
      read: reader.read,
      login: async (text) =>
        login
          ? await tryLogin(text, { withoutTls: !tls, ...(ca ? { caFile: ca } : {}) })
          : { kind: 'not tried', reason: '--no-login was given' },
      now: Date.now,
      tell,
    });
  } finally {
    reader.close();
  }
}

function asText({ id, versions }: SecretFacts, { state, finding, command, because }: Diagnosis): string {
  return [
    id,
    ...versions.map(({ id: version, labels, login, unreadable }) => {
      const what = unreadable ?? (login?.kind === 'not tried' ? `login not tried: ${login.reason}` : login?.kind);
      return `  ${version}  ${labels.join(', ')}${what === undefined ? '' : `  (${what})`}`;
    }),
    '',
    `${state}: ${finding}`,
    ...(command === undefined ? [] : ['', 'Next:', `  ${command}`]),
    ...(because === undefined ? [] : [`  (${because})`]),
  ].join('\n');
}

function asJson(facts: SecretFacts, diagnosis: Diagnosis): string {
  return JSON.stringify({ secret: facts.id, ...diagnosis, versions: facts.versions }, undefined, 2);
}
