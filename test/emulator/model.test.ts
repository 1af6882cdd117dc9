import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { generator } from '../../drill/generator';
import { ServiceError } from '../../emulator/errors';
import { Model } from './model';
import { standing } from './support';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS', 'OWN'];
const SEQUENCES = 150;
const LENGTH = 80;

it('answers and changes as the model does, whatever is called in whatever order', async () => {
  const seed = Number(process.env.STRONGROOM_TEST_SEED || randomInt(2 ** 31));
  const random = generator(seed);
  let refused = 0;
  let taken = 0;
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const service = standing();
    const { ARN: SecretId } = await service.call('CreateSecret', { Name: 'subject' });
    const model = new Model();
    const story: string[] = [];
    const where = () => `STRONGROOM_TEST_SEED=${seed} repeats it; sequence ${sequence}:\n${story.join('\n')}`;
    const accepts = async (operation: string, input: object) => {
      story.push(`${operation} ${JSON.stringify(input)}`);
      try {
        return await service.call(operation, { SecretId, ...input });
      } catch (error) {
        if (error instanceof ServiceError) return undefined;
        throw error;
      }
    };
    const token = () => `token-${random.below(6)}`.padEnd(32, '.');
    const label = () => random.pick(LABELS);
    const maybe = <T>(make: () => T) => (random.below(3) === 0 ? undefined : make());
    for (let call = 0; call < LENGTH; call++) {
      const kind = random.below(4);
      if (kind === 0) {
        const [id, value, stage] = [token(), `v${random.below(3)}`, label()];
        const put = { ClientRequestToken: id, SecretString: value, VersionStages: [stage] };
        const answer = await accepts('PutSecretValue', put);
        // A current value that comes while another version is pending ends the pending one, as a rotation's.
        const abandons = stage === 'AWSCURRENT' && answer !== undefined && !model.values.has(id);
        expect(answer !== undefined, where()).toBe(model.put(id, value, stage));
        if (abandons) forgetPending(model, id);
        answer === undefined ? refused++ : taken++;
      } else if (kind === 1) {
        const [stage, to, from] = [label(), maybe(token), maybe(token)];
        const move = { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from };
        const answer = await accepts('UpdateSecretVersionStage', move);
        expect(answer !== undefined, where()).toBe(model.move(stage, to, from));
        answer === undefined ? refused++ : taken++;
      } else {
        const by = { label: maybe(label), token: kind === 2 ? undefined : token() };
        const answer = await accepts('GetSecretValue', { VersionStage: by.label, VersionId: by.token });
        const expected = model.get({
          ...(by.label === undefined ? {} : { label: by.label }),
          ...(by.token === undefined ? {} : { token: by.token }),
        });
        expect(answer?.SecretString, where()).toBe(expected);
      }
      const described = (await service.call('DescribeSecret', { SecretId })).VersionIdsToStages as object;
      const holders = Object.entries(described).flatMap(([id, stages]) =>
        (stages as string[]).map((stage) => [stage, id] as const),
      );
      expect(Object.fromEntries(holders), where()).toEqual(Object.fromEntries(model.holders));
    }
  }
  // Both kinds must have come often, or the sequences have shown little.
  expect(refused).toBeGreaterThan(SEQUENCES);
  expect(taken).toBeGreaterThan(SEQUENCES);
});

function forgetPending(model: Model, writer: string): void {
  const pending = model.holders.get('AWSPENDING');
  if (pending === undefined || pending === writer || pending === model.holders.get('AWSCURRENT')) return;
  model.holders.delete('AWSPENDING');
}
