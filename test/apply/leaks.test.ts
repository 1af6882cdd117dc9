import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { findLeaks, insidePlan } from '../support/terraform/leaks';

const VALUE = 'a"b\\c<d>&e f';

describe('the search for generated values', () => {
  it.each([
    ['as it is', VALUE],
    ['escaped', JSON.stringify(VALUE)],
    ['escaped twice', JSON.stringify(JSON.stringify(VALUE))],
    ['escaped as Terraform does', '"a\\"b\\\\c\\u003cd\\u003e\\u0026e f"'],
    ['escaped twice as Terraform does', JSON.stringify('{"password":"a\\"b\\\\c\\u003cd\\u003e\\u0026e f"}')],
    ['in a URL', `postgres://app:${encodeURIComponent(VALUE)}@host`],
    ['in hex', Buffer.from(VALUE).toString('hex')],
    ['in base64 at offset 0', Buffer.from(`abc${VALUE}xy`).toString('base64')],
    ['in base64 at offset 1', Buffer.from(`a${VALUE}`).toString('base64')],
    ['in base64 at offset 2', Buffer.from(`ab${VALUE}z`).toString('base64')],
    ['in JSON in base64 at offset 1', Buffer.from('"a\\"b\\\\c\\u003cd\\u003e\\u0026e f"').toString('base64')],
  ])('finds one %s', (form, text) => {
    expect(findLeaks([{ name: 'state', text: `before ${text} after` }], ['other', VALUE])).toContain(
      `value 2 is in state, ${form}`,
    );
  });

  it('finds nothing where there is nothing, also not the half of a value', () => {
    expect(findLeaks([{ name: 'state', text: VALUE.slice(0, -1) }], [VALUE])).toEqual([]);
  });

  it('looks into the files of a plan', () => {
    const plan = Buffer.from(zipSync({ tfstate: strToU8(`x${VALUE}`) }));
    expect(findLeaks(insidePlan('p', plan), [VALUE])).toContain('value 1 is in p/tfstate, as it is');
  });
});
