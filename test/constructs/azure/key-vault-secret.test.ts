import { Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import type { AzureStack } from '../../../constructs/azure/azure-stack';
import { KeyVault } from '../../../constructs/azure/key-vault';
import { KeyVaultSecret, type SecretDeclaration } from '../../../constructs/azure/key-vault-secret';
import { SecretType } from '../../../constructs/core/secret-type';
import { type ExternalValue, Value } from '../../../constructs/core/value';
import {
  prod,
  resource,
  resources,
  SUBSCRIPTION,
  sandbox,
  stackJson,
  stacks,
  type TestEnvironment,
  validationLines,
} from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

const VAULT_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers/Microsoft.KeyVault/vaults/prod-myapp-vault-x7q2`;
const AT = 'prod-myapp-azure-values/secret';

const PASSWORD: SecretDeclaration = {
  name: 'database-password',
  type: SecretType.DATABASE_CREDENTIAL,
  owner: 'payments',
  value: Value.generated({ since: '2026-11-01' }),
};
const KEY: SecretDeclaration = {
  name: 'payment-key',
  type: SecretType.API_KEY,
  owner: 'payments team',
  value: Value.external({ since: '2026-11-01' }),
};

function withSecret(declaration: SecretDeclaration, environment: TestEnvironment = prod()) {
  const made = stacks(environment);
  new KeyVault(made.base, 'vault', { name: 'myapp-vault' });
  const secret = secretIn(made.values, declaration);
  return { ...made, secret };
}

function secretIn(stack: AzureStack, declaration: SecretDeclaration) {
  return new KeyVaultSecret(stack, 'secret', { vault: KeyVault.ofApp(stack, 'myapp-vault'), ...declaration });
}

function withoutRunner(): TestEnvironment {
  const { runner: _, ...azure } = prod().azure;
  return { ...prod(), azure };
}

describe('a generated secret of Key Vault', () => {
  it('is a write-only value that expires when its type says', () => {
    expect(resource(withSecret(PASSWORD).values, 'azurerm_key_vault_secret')).toEqual({
      name: 'database-password',
      key_vault_id: VAULT_ID,
      value_wo: expect.stringMatching(/^\$\{ephemeral\.random_password\.[\w-]+\.result\}$/),
      value_wo_version: 1,
      content_type: 'text/plain',
      expiration_date: '2026-12-01T00:00:00Z',
      tags: { Application: 'myapp', Environment: 'prod', Owner: 'payments', SecretType: 'database-credential' },
      lifecycle: { prevent_destroy: true },
    });
  });

  it('takes each option', () => {
    const value = Value.generated({ since: '2026-11-01', version: 3, length: 64 });
    const { values } = withSecret({ ...PASSWORD, value, lifetimeDays: 7, contentType: 'text/x-password' });
    expect(resource(values, 'azurerm_key_vault_secret')).toMatchObject({
      value_wo_version: 3,
      content_type: 'text/x-password',
      expiration_date: '2026-11-08T00:00:00Z',
    });
    expect(JSON.stringify(JSON.parse(Testing.synth(values)).ephemeral)).toContain('"length":64');
  });

  it('can be destroyed in the sandbox', () => {
    const secret = resource(withSecret(PASSWORD, sandbox()).values, 'azurerm_key_vault_secret');
    expect(secret['lifecycle']).toEqual({ prevent_destroy: false });
  });

  it('says nothing for a person to do', () => {
    expect(stackJson(withSecret(PASSWORD).values).output).toBeUndefined();
  });

  it('brings the random provider', () => {
    expect(stackJson(withSecret(PASSWORD).values).provider).toHaveProperty('random');
  });

  it('is refused in a closed vault that its writer has no way into', () => {
    expect(refusedLines(() => withSecret(PASSWORD, withoutRunner()))).toEqual([
      `${AT}: value is to be written into prod-myapp-vault-x7q2, which is closed, and the environment names no runner that gets in; give azure.runner in the environment: insideNetwork, addresses or subnetIds; or put the value in from outside with Value.external [SR-AZURE-NO-WAY-IN]`,
    ]);
  });

  it('is refused in the stack that gives the access', () => {
    const { base } = stacks();
    const vault = new KeyVault(base, 'vault', { name: 'myapp-vault' });
    expect(refusedLines(() => new KeyVaultSecret(base, 'secret', { vault, ...PASSWORD }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure\/secret: value is written in prod-myapp-azure, the stack that gives the access: .* \[SR-AZURE-VALUES-STACK\]$/,
      ),
    ]);
  });
});

describe('an external secret of Key Vault', () => {
  it('is no resource, needs no way in, and passes through no provider', () => {
    const { values } = withSecret(KEY, withoutRunner());
    const { resource: made, provider } = stackJson(values);
    expect([made, Object.keys(provider)]).toEqual([undefined, ['azurerm']]);
  });

  it('says the command that puts the value in from standard input, and prints none', () => {
    expect(stackJson(withSecret(KEY).values).output).toEqual({
      next_steps_1: {
        description: 'Put the value of payment-key into prod-myapp-vault-x7q2',
        value:
          "tr -d '[:cntrl:]' | az keyvault secret set --vault-name prod-myapp-vault-x7q2 --name payment-key --file /dev/stdin --encoding utf-8 --output none --content-type text/plain --expires 2027-01-30T00:00:00Z --tags Environment=prod Application=myapp 'Owner=payments team' SecretType=api-key",
      },
    });
  });

  it('keeps the ends of lines where they are part of its form', () => {
    const { output } = stackJson(withSecret({ ...KEY, contentType: 'application/x-pem-file' }).values);
    expect(output?.['next_steps_1']?.['value']).toMatch(/^az keyvault secret set /);
  });
});

describe('any secret of Key Vault', () => {
  it('has its id and URL without a version', () => {
    const { secret } = withSecret(PASSWORD);
    expect(secret.id).toBe(`${VAULT_ID}/secrets/database-password`);
    expect(secret.uri).toBe('https://prod-myapp-vault-x7q2.vault.azure.net/secrets/database-password');
    expect(secret.expires).toBe('2026-12-01T00:00:00Z');
  });

  it.each([SecretType.TLS_CERTIFICATE, SecretType.SSH_KEY])('is refused as %s, which lives in Vault', (type) => {
    expect(refusedLines(() => withSecret({ ...KEY, type }))).toEqual([
      `${AT}: type is ${type.name}, which lives in vault; declare it in one of these stores [SR-AZURE-TYPE]`,
    ]);
  });

  it.each([SecretType.ENCRYPTION_KEY, SecretType.OAUTH_TOKEN])('is refused as %s, which is never stored', (type) => {
    expect(refusedLines(() => withSecret({ ...KEY, type }))).toEqual([
      `${AT}: type is ${type.name}, whose value is never stored; use a managed key of the store, or keep the value in memory [SR-AZURE-TYPE]`,
    ]);
  });

  it('is refused when its value is to be born in the store', () => {
    const value = Value.bornInStore() as unknown as ExternalValue;
    expect(refusedLines(() => withSecret({ ...KEY, value }))).toEqual([
      `${AT}: value is born in the store, but Key Vault makes no secrets by itself; use Value.generated or Value.external [SR-AZURE-TYPE]`,
    ]);
  });

  it.each([0, 31, 1.5])('is refused with a lifetime of %s days', (lifetimeDays) => {
    expect(refusedLines(() => withSecret({ ...PASSWORD, lifetimeDays }))).toEqual([
      `${AT}: lifetimeDays is ${lifetimeDays}, allowed for database-credential are whole days from 1 to 30; leave it out for 30 [SR-AZURE-LIFETIME]`,
    ]);
  });

  it('is refused with all its problems together', () => {
    const value = Value.external({ since: 'yesterday' });
    const lines = refusedLines(() => withSecret({ ...KEY, name: 'payment_key', owner: '', contentType: '', value }));
    expect(lines.map((line) => /\[(.*)\]$/.exec(line)?.[1])).toEqual([
      'SR-NAME-ILLEGAL',
      'SR-AZURE-OWNER',
      'SR-AZURE-CONTENT-TYPE',
      'SR-DATE',
    ]);
  });

  it.each(["o'brien", 'a\nb', '$(id)', ' payments'])('is refused with the owner %j', (owner) => {
    expect(refusedLines(() => withSecret({ ...KEY, owner }))).toEqual([
      expect.stringMatching(/^prod-myapp-azure-values\/secret: owner is .* \[SR-AZURE-OWNER\]$/),
    ]);
  });

  it('is refused with a version and a length that core refuses', () => {
    const value = Value.generated({ since: '2026-11-01', version: 0, length: 8 });
    const lines = refusedLines(() => withSecret({ ...PASSWORD, value }));
    expect(lines.map((line) => /\[(.*)\]$/.exec(line)?.[1])).toEqual(['SR-VALUE-VERSION', 'SR-VALUE-LENGTH']);
  });

  it('is refused with a name that the vault has, whatever its case', () => {
    const { values } = withSecret(KEY);
    const vault = KeyVault.ofApp(values, 'myapp-vault');
    expect(refusedLines(() => new KeyVaultSecret(values, 'twin', { vault, ...KEY, name: 'Payment-Key' }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure-values\/twin: name gives the secret name "Payment-Key", which prod-myapp-azure-values\/secret has already .* \[SR-NAME-TAKEN\]$/,
      ),
    ]);
  });
});

describe('a secret by name', () => {
  it('has the id and URL of the one that is declared', () => {
    const { base, secret } = withSecret(PASSWORD);
    const named = KeyVaultSecret.fromName(KeyVault.ofApp(base, 'myapp-vault'), 'database-password');
    expect([named.id, named.uri]).toEqual([secret.id, secret.uri]);
  });

  it('is refused at synthesis when no stack declares it', () => {
    const { base } = withSecret(PASSWORD);
    KeyVault.ofApp(base, 'myapp-vault').secret({ name: 'database-pasword' });
    expect(validationLines(base)).toEqual([
      'prod-myapp-azure: names secret database-pasword of vault prod-myapp-vault-x7q2, which no stack of this app makes; declare it with KeyVaultSecret in the stack of values [SR-AZURE-NOT-MADE]',
    ]);
  });

  it('is not asked for when its declaration is refused for something else', () => {
    const { base, values } = stacks();
    new KeyVault(base, 'vault', { name: 'myapp-vault' }).secret(PASSWORD);
    expect(refusedLines(() => secretIn(values, { ...PASSWORD, owner: '' }))).toHaveLength(1);
    expect(validationLines(base)).toEqual([]);
  });

  it('of a vault that exists is taken as it is', () => {
    const { base } = stacks();
    const secret = KeyVaultSecret.fromId(base, `${VAULT_ID}/secrets/shared-key`);
    expect([secret.name, secret.vault.shared, validationLines(base)]).toEqual(['shared-key', true, []]);
  });

  it.each([VAULT_ID, `${VAULT_ID}/secrets/a/0123`, `/subscriptions/${SUBSCRIPTION}/secrets/a`])(
    'is refused by the id %s',
    (id) => {
      expect(refusedLines(() => KeyVaultSecret.fromId(stacks().base, id))).toEqual([
        expect.stringMatching(/^prod-myapp-azure: id is ".*", allowed is the resource id of a .* \[SR-AZURE-SCOPE\]$/),
      ]);
    },
  );
});

describe('values', () => {
  it('are in no synthesized argument but the write-only one', () => {
    const text = Testing.synth(withSecret(PASSWORD).values);
    expect(text.match(/random_password\.[\w-]+\.result/g)).toHaveLength(1);
    expect(resources(withSecret(PASSWORD).values, 'azurerm_key_vault_secret')[0]).not.toHaveProperty('value');
  });
});
