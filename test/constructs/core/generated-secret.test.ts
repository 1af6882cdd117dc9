import { describe, expect, it } from 'vitest';
import { GeneratedSecret } from '../../../constructs/core/generated-secret';
import { Value } from '../../../constructs/core/value';
import { bareStack, refusedLines, stackOf, synthesized } from '../../support/core-environment';

describe('GeneratedSecret', () => {
  const synthesizedOne = async (value = Value.generated({ since: '2026-11-01' })) =>
    (await synthesized([stackOf((stack) => new GeneratedSecret(stack, 'seed', value))]))['prod-myapp-vault'];

  it('asks for letters and digits, one of each kind, of the length wanted', async () => {
    const stack = await synthesizedOne(Value.generated({ since: '2026-11-01', length: 48 }));
    expect(Object.values(stack?.['ephemeral']?.['random_password'] ?? {})).toMatchObject([
      { length: 48, special: false, min_lower: 1, min_upper: 1, min_numeric: 1 },
    ]);
  });

  it('declares the random provider, in the versions that have ephemeral passwords', async () => {
    const stack = await synthesizedOne();
    expect(stack?.['terraform']?.['required_providers']).toEqual({
      random: { source: 'hashicorp/random', version: '>= 3.7, < 4' },
    });
    expect(stack?.['provider']).toEqual({ random: [{}] });
  });

  it('declares the random provider once for several values', async () => {
    const stacks = await synthesized([
      stackOf((stack) => {
        new GeneratedSecret(stack, 'one', Value.generated({ since: '2026-11-01' }));
        new GeneratedSecret(stack, 'two', Value.generated({ since: '2026-11-01' }));
      }),
    ]);
    expect(stacks['prod-myapp-vault']?.['provider']).toEqual({ random: [{}] });
    expect(Object.keys(stacks['prod-myapp-vault']?.['ephemeral']?.['random_password'] ?? {})).toHaveLength(2);
  });

  it('gives all consumers one value and one version', () => {
    const secret = new GeneratedSecret(bareStack(), 'seed', Value.generated({ since: '2026-11-01', version: 3 }));
    expect(secret.version).toBe(3);
    expect(secret.value).toBe(secret.value);
  });

  it('does not put the date into Terraform: a new date alone changes nothing', async () => {
    expect(await synthesizedOne(Value.generated({ since: '2027-01-01' }))).toEqual(await synthesizedOne());
  });

  it('reports everything that is wrong with the value, with its own path', () => {
    const value = Value.generated({ since: 'soon', version: 0, length: 3 });
    expect(refusedLines(() => new GeneratedSecret(bareStack(), 'seed', value))).toEqual([
      expect.stringMatching(/^prod-myapp-vault\/seed: value\.since .*\[SR-DATE]$/),
      expect.stringMatching(/^prod-myapp-vault\/seed: value\.version .*\[SR-VALUE-VERSION]$/),
      expect.stringMatching(/^prod-myapp-vault\/seed: value\.length .*\[SR-VALUE-LENGTH]$/),
    ]);
  });
});
