import { describe, expect, it } from 'vitest';
import { providerService } from '../../offline/stand-in/protocol';
import { wireSchema } from '../../offline/stand-in/wire-schema';

const { GetProviderSchema } = providerService();

const answer = () => ({ provider: wireSchema({ attributes: { region: { type: 'string', optional: true } } }) });

describe('schemas on the wire', () => {
  it('are written once, however often an engine asks for the same', () => {
    const one = answer();
    expect(GetProviderSchema?.responseSerialize(one)).toBe(GetProviderSchema?.responseSerialize(one));
  });

  it('of another provider are written for themselves', () => {
    const [one, other] = [answer(), { provider: wireSchema({}) }];
    expect(GetProviderSchema?.responseSerialize(one)).not.toEqual(GetProviderSchema?.responseSerialize(other));
  });

  it('say what they hold', () => {
    const bytes = GetProviderSchema?.responseSerialize(answer());
    expect(GetProviderSchema?.responseDeserialize(bytes ?? Buffer.alloc(0))).toMatchObject({
      provider: { block: { attributes: [{ name: 'region', optional: true, computed: false }] } },
    });
  });
});
