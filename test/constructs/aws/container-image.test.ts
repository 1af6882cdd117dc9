import { describe, expect, it } from 'vitest';
import { containerImage, imageProblem } from '../../../constructs/aws/container-image';

const HOME = { accountId: '111122223333', region: 'eu-central-1' };
const DIGEST = `sha256:${'0'.repeat(64)}`;

describe('a container image', () => {
  it('without a registry is one of the environment’s own ECR', () => {
    expect(containerImage('team/myapp:1.4.2', HOME)).toEqual({
      reference: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/myapp:1.4.2',
      ecr: { accountId: '111122223333', region: 'eu-central-1', repository: 'team/myapp' },
    });
  });

  it('of another account’s ECR keeps that account and region', () => {
    const image = `444455556666.dkr.ecr.us-east-1.amazonaws.com/myapp:1@${DIGEST}`;
    expect(containerImage(image, HOME)).toEqual({
      reference: image,
      ecr: { accountId: '444455556666', region: 'us-east-1', repository: 'myapp' },
    });
  });

  it.each(['docker.io/library/nginx:1.29', 'localhost:5000/myapp:1'])(
    'of another registry needs no ECR: %s',
    (image) => {
      expect(containerImage(image, HOME)).toEqual({ reference: image });
    },
  );

  it.each(['myapp:1.4.2', `myapp@${DIGEST}`, `localhost:5000/myapp:1`, 'my-org/my_app:v1.2-rc.1'])(
    'that names one version is accepted: %s',
    (image) => {
      expect(imageProblem('image', image)).toBeUndefined();
    },
  );

  it.each([
    ['myapp', 'without a tag'],
    ['localhost:5000/myapp', 'without a tag'],
    ['myapp:latest', 'tag latest'],
    [`myapp:latest@${DIGEST}`, 'tag latest'],
    ['My App:1', 'no image reference'],
    ['', 'no image reference'],
  ])('that could be another one tomorrow is refused: %s', (image, why) => {
    expect(imageProblem('image', image)).toMatchObject({
      code: 'SR-ECS-IMAGE',
      property: 'image',
      message: expect.stringContaining(why),
    });
  });
});
