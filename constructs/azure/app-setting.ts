import type { Problem } from '../core/errors';
import { SecretReference, VaultUrl } from './secret-access';

/** A text that is no secret although its name or form looks like one; said in plain sight. */
export interface PlainText {
  readonly plain: string;
}

/** What an app setting may be: a text, a secret, or a vault's URL. */
export type AppSetting = string | PlainText | SecretReference | VaultUrl;

/** What App Service allows as a name. @see https://learn.microsoft.com/azure/app-service/configure-common#configure-app-settings */
const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** Words of names behind which secrets stand; a name that ends in one of the others says where or which, not what. */
const SECRET_NAME =
  /pass(word|wd|phrase)|(^|_)pass(_|$)|secret|token|credential|(api|access|account|private|shared|signing|encryption)_?key|connection_?string|conn_?str|(^|_)(pwd|sas|dsn)(_|$)/i;
const HARMLESS_NAME =
  /_(url|uri|name|id|path|file|type|ttl|seconds|minutes|hours|days|audience|issuer|endpoint|enabled|length)$/i;

/** Forms of values that carry a secret, whatever their name is. */
const SECRET_FORMS = [
  /(^|;)\s*(password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|sig)\s*=\s*[^;\s]/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i,
  /[?&](sig|token|key|password)=[^&\s]{8,}/i,
  /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/,
  /^(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|rk_live_|AKIA|ASIA|hv[sb]\.)/,
] as const;

/** Everything that is wrong with settings; a value is never repeated. */
export function settingProblems(settings: Readonly<Record<string, AppSetting>>): readonly (Problem | undefined)[] {
  return Object.entries(settings).flatMap(([name, value]) => [nameProblem(name), secretProblem(name, value)]);
}

/** A setting as App Service takes it. */
export function settingText(value: AppSetting): string {
  if (typeof value === 'string') return value;
  // With a slash at its end, as the vault itself writes it: without one, App Service has been seen to keep an old version.
  if (value instanceof SecretReference) return `@Microsoft.KeyVault(SecretUri=${value.secret.uri}/)`;
  if (value instanceof VaultUrl) return value.vault.uri;
  return value.plain;
}

function nameProblem(name: string): Problem | undefined {
  if (NAME.test(name)) return undefined;
  return {
    code: 'SR-AZURE-SETTING-NAME',
    property: `settings[${JSON.stringify(name)}]`,
    message: 'has a name outside letters, digits, underscores and periods, a letter or underscore first',
    fix: 'rename the setting: Linux makes an environment variable of it',
  };
}

function secretProblem(name: string, value: AppSetting): Problem | undefined {
  if (typeof value !== 'string') return undefined;
  const property = `settings.${name}`;
  if (/@Microsoft\.KeyVault\(/i.test(value)) {
    return {
      code: 'SR-AZURE-LITERAL-REFERENCE',
      property,
      message: 'is a Key Vault reference written by hand, which gives the app no access',
      fix: 'hand in secret.reference(): it is the reference and the grant',
    };
  }
  const named = SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
  if (!named && !SECRET_FORMS.some((form) => form.test(value))) return undefined;
  return {
    code: 'SR-AZURE-LITERAL-SECRET',
    property,
    message: `is a literal and looks like a secret by its ${named ? 'name' : 'form'}`,
    fix: 'hand in secret.reference(); or, if it is no secret, say so with { plain: … }',
  };
}
