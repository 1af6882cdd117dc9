import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generator } from '../../drill/generator';
import { ServiceError } from '../../emulator/errors';
import { type Behaviour, Model } from './model';
import { DAY, LAMBDA, standing } from './support';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS', 'OWN', 'OTHER'];
const BEHAVIOURS: readonly Behaviour[] = ['stuck', 'half', 'well'];
const LENGTH = 80;

type Random = ReturnType<typeof generator>;

/** What a sequence is made of: kinds of calls, by their weight, and how time goes. */
interface Mix {
  readonly kinds: Readonly<Partial<Record<Kind, number>>>;
  readonly sequences: number;
  /** Milliseconds by which reads are behind. */
  readonly lag: number;
  /** Milliseconds that may pass between two calls. */
  readonly pauses: readonly number[];
  /** What must have happened in them. */
  readonly shows: readonly string[];
}

const KINDS = [
  'put',
  'update',
  'move',
  'get',
  'rotate',
  'cancel',
  'delete',
  'restore',
  'list',
  'flood',
  'wait',
] as const;
type Kind = (typeof KINDS)[number];

const EVERYTHING = { put: 5, update: 2, move: 6, get: 8, rotate: 3, cancel: 1, delete: 1, restore: 3, list: 1 };

const OUTCOMES = ['put', 'update', 'move', 'get', 'rotate', 'cancel', 'delete'].flatMap((kind) => [
  `${kind} taken`,
  `${kind} refused`,
]);

const MIXES: Readonly<Record<string, Mix>> = {
  'whatever is called in whatever order': {
    kinds: EVERYTHING,
    sequences: 100,
    lag: 0,
    pauses: [0],
    shows: [...OUTCOMES, 'restore taken', 'list taken'],
  },
  'while old versions go': {
    kinds: { ...EVERYTHING, delete: 0, flood: 4, wait: 3 },
    sequences: 10,
    lag: 0,
    pauses: [0],
    shows: ['flood taken', 'versions went'],
  },
  'when deleted secrets may be gone': {
    kinds: { ...EVERYTHING, delete: 2, restore: 1, wait: 6 },
    sequences: 20,
    lag: 0,
    pauses: [0],
    shows: ['gone'],
  },
  'when reads are behind writes': {
    kinds: EVERYTHING,
    sequences: 40,
    lag: 5_000,
    pauses: [0, 1_000, 3_000],
    shows: ['read behind'],
  },
};

describe('the emulator', () => {
  it.each(Object.entries(MIXES))(
    'answers and changes as the model does, %s',
    {
      timeout: 120_000,
    },
    async (_name, mix) => {
      const seed = Number(process.env.STRONGROOM_TEST_SEED || randomInt(2 ** 31));
      const random = generator(seed);
      const outcomes = new Set<string>();
      for (let sequence = 0; sequence < mix.sequences; sequence++) {
        const where = `STRONGROOM_TEST_SEED=${seed} repeats it; sequence ${sequence}`;
        await compare(mix, random, where, (outcome) => outcomes.add(outcome));
      }
      // All of this must have come, or the sequences have shown little.
      expect([...outcomes]).toEqual(expect.arrayContaining([...mix.shows]));
    },
  );
});

async function compare(mix: Mix, random: Random, where: string, note: (outcome: string) => void): Promise<void> {
  const service = standing();
  service.faults.staleReadsMs = mix.lag;
  const { ARN: SecretId } = await service.call('CreateSecret', { Name: 'subject' });
  const model = new Model(mix.lag);
  const story: string[] = [];
  const told = () => `${where}:\n${story.join('\n')}`;
  let behaviour: Behaviour = 'stuck';
  service.registerFunction(LAMBDA, async ({ Step, ClientRequestToken = '' }) => {
    const call = (operation: string, input: object) => service.call(operation, { SecretId, ...input });
    // What is current is taken from the model, which does not know of this rotation yet: reads may be behind.
    const current = model.holders.get('AWSCURRENT');
    if (behaviour === 'stuck') throw new Error('stuck');
    if (Step === 'createSecret') {
      const SecretString = `value of ${ClientRequestToken}`;
      await call('PutSecretValue', { ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
    }
    if (behaviour === 'half' && Step === 'setSecret') throw new Error('half done');
    if (Step !== 'finishSecret') return;
    const move = { MoveToVersionId: ClientRequestToken, RemoveFromVersionId: current };
    await call('UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', ...move });
  });
  const accepts = async (operation: string, input: object = {}) => {
    story.push(`${operation} ${JSON.stringify(input)}`);
    try {
      return await service.call(operation, { SecretId, ...input });
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  };
  const pass = async (milliseconds: number) => {
    if (milliseconds > 0) story.push(`${milliseconds} ms pass`);
    await service.advance(milliseconds);
    model.now += milliseconds;
  };
  const token = () => `token-${random.below(6)}`.padEnd(32, '.');
  const maybe = <T>(make: () => T) => (random.below(3) === 0 ? undefined : make());
  const put = async (id: string, value: string, labels: readonly string[]) => {
    const answer = await accepts('PutSecretValue', {
      ...{ ClientRequestToken: id, SecretString: value, VersionStages: labels },
    });
    expect(answer !== undefined, told()).toBe(model.put(id, value, labels));
    return answer !== undefined;
  };
  const agrees = async (operation: string, input: object, expected: () => boolean) => {
    const answer = await accepts(operation, input);
    expect(answer !== undefined, told()).toBe(expected());
    return answer !== undefined;
  };
  let flooded = 0;
  const calls: Readonly<Record<Kind, () => Promise<boolean>>> = {
    put: () =>
      put(token(), `v${random.below(3)}`, [
        ...new Set(Array.from({ length: 1 + random.below(2) }, () => random.pick(LABELS))),
      ]),
    update: () => {
      const [id, value] = [token(), `v${random.below(3)}`];
      const input = { ClientRequestToken: id, SecretString: value };
      return agrees('UpdateSecret', input, () => model.put(id, value, ['AWSCURRENT']));
    },
    move: () => {
      const [label, to, from] = [random.pick(LABELS), maybe(token), maybe(token)];
      const input = { VersionStage: label, MoveToVersionId: to, RemoveFromVersionId: from };
      return agrees('UpdateSecretVersionStage', input, () => model.move(label, to, from));
    },
    get: async () => {
      const by = { label: maybe(() => random.pick(LABELS)), token: maybe(token) };
      const answer = await accepts('GetSecretValue', { VersionStage: by.label, VersionId: by.token });
      expect(answer?.SecretString, told()).toBe(model.get(by));
      if (model.seen() !== model) note('read behind');
      return answer !== undefined;
    },
    rotate: async () => {
      const id = token();
      behaviour = random.pick(BEHAVIOURS);
      story.push(`a function that is ${behaviour}`);
      const answer = await accepts('RotateSecret', { ClientRequestToken: id, RotationLambdaARN: LAMBDA });
      await service.driver.settled(String(SecretId));
      expect(answer !== undefined, told()).toBe(model.rotate(id, behaviour));
      return answer !== undefined;
    },
    cancel: () => agrees('CancelRotateSecret', {}, () => model.cancel()),
    delete: () => agrees('DeleteSecret', { RecoveryWindowInDays: 7 }, () => model.delete()),
    restore: () => agrees('RestoreSecret', {}, () => model.restore()),
    list: async () => {
      const { values, holders } = model.seen();
      const labelled = new Set(holders.values());
      const IncludeDeprecated = random.below(2) === 0;
      const answer = await accepts('ListSecretVersionIds', { IncludeDeprecated, MaxResults: 100 });
      const versions = (answer?.Versions ?? []) as readonly { readonly VersionId: string }[];
      const listed = versions.map(({ VersionId }) => VersionId);
      const expected = [...values].filter(
        ([id, value]) => value !== undefined && (IncludeDeprecated || labelled.has(id)),
      );
      expect(listed, told()).toEqual(expected.map(([id]) => id).slice(0, 100));
      return true;
    },
    flood: async () => {
      for (let n = 0; n < 40; n++) await put(`flood-${flooded++}`.padEnd(32, '.'), 'x', ['OTHER']);
      return true;
    },
    wait: async () => {
      await pass(DAY + 1);
      const before = model.values.size;
      if (!model.gone) model.clean();
      if (model.values.size < before) note('versions went');
      return true;
    },
  };
  const drawn = KINDS.flatMap((kind) => Array.from({ length: mix.kinds[kind] ?? 0 }, () => kind));
  for (let call = 0; call < LENGTH; call++) {
    await pass(random.pick(mix.pauses));
    const kind = random.pick(drawn);
    note(`${kind} ${(await calls[kind]()) ? 'taken' : 'refused'}`);
    const described = await accepts('DescribeSecret');
    expect(described === undefined, told()).toBe(model.gone);
    if (described === undefined) return note('gone');
    const held = Object.entries(described.VersionIdsToStages as Readonly<Record<string, readonly string[]>>);
    const holders = held.flatMap(([id, labels]) => labels.map((label) => [label, id] as const));
    expect(Object.fromEntries(holders), told()).toEqual(Object.fromEntries(model.seen().holders));
    expect(described.DeletedDate !== undefined, told()).toBe(model.deleted !== undefined);
    model.clean();
  }
}
