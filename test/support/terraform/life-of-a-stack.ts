import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StackFile } from '../stack-file';
import { findLeaks, insidePlan, type Place } from './leaks';
import { protectedAddresses, unprotectedOverride } from './overrides';
import { type Gap, unexplainedChanges } from './plan-changes';
import { type Rig, type RigProps, startRig } from './rig';
import type { Plan } from './terraform';
import type { Tools } from './tools';
import {
  firstRotations,
  labelsOf,
  MOST_VERSIONS,
  passwordIn,
  ROTATIONS,
  readValue,
  rotateBySchedule,
  rotatedSecrets,
  seedsOf,
  writeByHand,
} from './years-of-use';

/** For one step; a database, an ECS cluster and a VPC take the provider minutes on a slow machine. */
const STEP = { timeout: 900_000 };

/** What a stack's life is told with. */
export interface LifeProps extends RigProps {
  readonly tools: Tools;
  readonly stack: () => Promise<StackFile>;
  readonly gaps: readonly Gap[];
  /** Whether resources of it must refuse to be destroyed. */
  readonly isProtected: boolean;
}

/**
 * Declares the tests that take one stack, with at least one secret that rotates, from its first plan to its end, against
 * the emulated Secrets Manager and moto. They build on each other: what comes after a failed one says little. Lives may go
 * side by side, each in a suite that is concurrent.
 */
export function lifeOfAStack({ tools, stack, gaps, isProtected, ...props }: LifeProps): void {
  let rig: Rig;
  const rotated: string[] = [];
  const plans: Plan[] = [];
  const states: Place[] = [];
  const plan = async (name: string, ...args: readonly string[]) => {
    const made = await rig.workspace.plan(name, ...args);
    plans.push(made);
    return made;
  };

  const destroyed = async () => {
    const { code, stderr } = await rig.workspace.destroy();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(rig.workspace.state()).toEqual([]);
  };

  beforeAll(async () => {
    rig = await startRig(tools, await stack(), props);
    await rig.workspace.init();
  }, STEP.timeout);
  afterAll(() => rig?.stop(), STEP.timeout);

  it.sequential('is valid, without a warning', STEP, async () => {
    expect(await rig.workspace.validate()).toEqual([]);
  });

  it.sequential('is planned and applied', STEP, async () => {
    const first = await plan('first');
    expect(first.changes).not.toEqual([]);
    expect(first.changes.map(({ change }) => change.actions)).toEqual(first.changes.map(() => ['create']));
    await rig.workspace.apply(first);
    for (const outcomes of (await firstRotations(rig)).values()) expect(outcomes).toEqual(['RotationSucceeded']);
    states.push({ name: 'state after the first apply', text: rig.workspace.read('terraform.tfstate').toString() });
    expect(rig.workspace.state()).toHaveLength(first.changes.length);
  });

  it.sequential('brings every generated value to its secret', STEP, async () => {
    const versions = seedsOf(rig);
    expect(versions).not.toEqual([]);
    for (const { secret, version } of versions) {
      const parts = partsOf(await readValue(rig.manager.service, { SecretId: secret, VersionId: version }));
      expect(
        parts.some((part) => rig.generated.includes(part)),
        secret,
      ).toBe(true);
    }
  });

  it.sequential('has nothing more to change', STEP, async () => {
    expect(unexplainedChanges(await plan('second'), gaps)).toEqual([]);
  });

  it.sequential('is rotated by its schedules, to values that are taken where the seed is not', STEP, async () => {
    const { service } = rig.manager;
    const ended = await rotateBySchedule(rig);
    expect(ended.size).toBeGreaterThan(0);
    for (const [secret, outcomes] of ended) {
      expect(outcomes, secret).toEqual(Array.from({ length: ROTATIONS }, () => 'RotationSucceeded'));
      expect(await rig.functions?.takes(await readValue(service, { SecretId: secret })), secret).toBe(true);
    }
    for (const { secret, version } of seedsOf(rig)) {
      if (!ended.has(secret)) continue;
      const seed = await readValue(service, { SecretId: secret, VersionId: version });
      expect(await rig.functions?.takes(seed), secret).toBe(false);
    }
  });

  it.sequential('keeps its first versions when people write and old versions go', STEP, async () => {
    const { service } = rig.manager;
    for (const secret of rotatedSecrets(rig)) {
      for (const VersionId of (await labelsOf(service, secret)).keys())
        rotated.push(passwordIn(await readValue(service, { SecretId: secret, VersionId })));
    }
    await writeByHand(rig);
    for (const { secret, version } of seedsOf(rig)) {
      const versions = await labelsOf(service, secret);
      expect(versions.size, secret).toBe(MOST_VERSIONS);
      expect(versions.get(version), secret).toEqual([expect.not.stringMatching(/^AWS/)]);
    }
  });

  it.sequential('has nothing to change after all that', STEP, async () => {
    expect(unexplainedChanges(await plan('after-years'), gaps)).toEqual([]);
  });

  if (isProtected) {
    it.sequential('refuses to be destroyed', STEP, async () => {
      const before = rig.workspace.state().length;
      const { code, stderr } = await rig.workspace.destroy();
      expect(code).toBe(1);
      expect(stderr).toContain('Instance cannot be destroyed');
      // Terraform breaks its sentences into lines, wherever a long address wants it.
      const sentences = stderr.replace(/[\s│]+/g, ' ');
      const refused = protectedAddresses(rig.stack.json).filter((address) =>
        sentences.includes(`Resource ${address} has lifecycle.prevent_destroy`),
      );
      expect(refused).not.toEqual([]);
      expect(rig.workspace.state()).toHaveLength(before);
    });

    it.sequential('is destroyed once an override lifted its protections', STEP, async () => {
      rig.workspace.override('unprotected', unprotectedOverride(rig.stack.json));
      // Without a refresh only what the override changes is written, and no gap again.
      await rig.workspace.apply(await plan('unprotected', '-refresh=false'));
      await destroyed();
    });
  } else {
    it.sequential('is destroyed as it is, since nothing in it is protected', STEP, async () => {
      expect(unprotectedOverride(rig.stack.json)).toEqual({ resource: {} });
      await destroyed();
    });
  }

  it.sequential('left no generated value in a state, a plan or what Terraform printed', () => {
    expect(rig.generated.length).toBeGreaterThan(0);
    expect(new Set(rotated).size).toBeGreaterThan(ROTATIONS);
    const places = [...states, ...left(rig, plans)];
    expect(places.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['terraform.tfstate.backup', 'first.tfplan/tfplan']),
    );
    expect(findLeaks(places, [...rig.generated, ...rotated])).toEqual([]);
  });
}

function left({ workspace }: Rig, plans: readonly Plan[]): readonly Place[] {
  return [
    ...workspace.leftovers().flatMap((name): readonly Place[] => {
      const content = workspace.read(name);
      return name.endsWith('.tfplan') ? insidePlan(name, content) : [{ name, text: content.toString() }];
    }),
    ...plans.flatMap(({ file, json, text }) => [
      { name: `${file} as JSON`, text: json },
      { name: `${file} as text`, text },
    ]),
    { name: 'what Terraform printed', text: workspace.printed.join('\n') },
  ];
}

/** The members of a secret that is a JSON object, else the secret itself. */
function partsOf(secret: string): readonly string[] {
  return secret.startsWith('{') ? Object.values(JSON.parse(secret) as object).map(String) : [secret];
}
