import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../rotation/event';

const RIGHT = {
  Step: 'setSecret',
  SecretId: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf',
  ClientRequestToken: randomUUID(),
};

describe('parseEvent', () => {
  it('reads what Secrets Manager sends', () => {
    const RotationToken = randomUUID();
    expect(parseEvent({ ...RIGHT, RotationToken })).toEqual({
      step: 'setSecret',
      secretArn: RIGHT.SecretId,
      token: RIGHT.ClientRequestToken,
      rotationToken: RotationToken,
    });
  });

  it('does without a rotation token', () => {
    expect(parseEvent(RIGHT)).not.toHaveProperty('rotationToken');
  });

  it.each([
    ['Step', undefined, 'Step is missing'],
    ['Step', 'SetSecret', 'Step is "SetSecret", not one of createSecret'],
    ['Step', 'constructor', 'not one of createSecret'],
    ['SecretId', '', 'SecretId is ""'],
    ['SecretId', ['a'], 'SecretId is of type object'],
    ['SecretId', 'a\n{"level":"info"}', 'SecretId is "a?{?level?:?info?}"'],
    ['ClientRequestToken', 'x'.repeat(31), 'ClientRequestToken is'],
    ['ClientRequestToken', 'x'.repeat(65), 'ClientRequestToken is'],
    ['ClientRequestToken', null, 'ClientRequestToken is of type null'],
    ['RotationToken', 'short', 'RotationToken is not 36 to 256'],
  ])('refuses %s %j', (key, value, message) => {
    expect(() => parseEvent({ ...RIGHT, [key]: value })).toThrow(expect.objectContaining({ name: 'InvalidEvent' }));
    expect(() => parseEvent({ ...RIGHT, [key]: value })).toThrow(message);
  });

  it('names all that is wrong together, without the rotation token', () => {
    const wrong = () => parseEvent({ RotationToken: 'a token that is secret' });
    expect(wrong).toThrow(/Step.*SecretId.*ClientRequestToken.*RotationToken/);
    expect(wrong).not.toThrow('a token that is secret');
  });

  it.each([undefined, null, 'text', 7])('refuses %j for an event', (event) => {
    expect(() => parseEvent(event)).toThrow('the event is not an object');
  });
});
