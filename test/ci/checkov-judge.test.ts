import { describe, expect, it } from 'vitest';
import { constructPaths, differences, readableByCheckov } from '../../.ci/checkov-judge';

const FAILED = { check: 'CKV_AWS_116', resource: 'prod-myapp-aws/rotation', name: 'a dead letter queue' };
const ACCEPTED = { check: 'CKV_AWS_116', resources: ['prod-myapp-aws/rotation'], reason: 'is invoked synchronously' };

describe('the comparison of failed checks with the accepted ones', () => {
  it('is empty when every failure has its reason', () => {
    expect(differences([FAILED, FAILED], [ACCEPTED])).toEqual([]);
  });

  it('shows a failure that nobody gave a reason for', () => {
    const other = { ...FAILED, resource: 'prod-myapp-aws/other' };
    expect(differences([FAILED, other], [ACCEPTED])).toEqual([
      'failed without a reason: CKV_AWS_116 prod-myapp-aws/other (a dead letter queue)',
    ]);
  });

  it('shows a reason that is no longer needed', () => {
    expect(differences([], [ACCEPTED])).toEqual([
      'has a reason but does not fail: CKV_AWS_116 prod-myapp-aws/rotation',
    ]);
  });

  it('shows an entry without a reason', () => {
    expect(differences([FAILED], [{ ...ACCEPTED, reason: ' ' }])).toEqual(['has no reason: CKV_AWS_116']);
  });
});

describe('a stack that Checkov reads', () => {
  it('lacks what makes Checkov drop the file, and nothing else', () => {
    const resource = { aws_kms_key: { key: {} } };
    expect(
      readableByCheckov({
        terraform: { required_version: '>= 1.11', backend: { s3: {} } },
        moved: [{}],
        removed: [{}],
        import: [{}],
        resource,
      }),
    ).toEqual({ terraform: { backend: { s3: {} } }, resource });
  });

  it('gives its names back as construct paths', () => {
    const key = { '//': { metadata: { path: 'prod/key' } } };
    expect([
      ...constructPaths({ resource: { aws_kms_key: { key_1: key } }, data: { aws_region: { here: {} } } }),
    ]).toEqual([
      ['key_1', 'prod/key'],
      ['here', 'here'],
    ]);
  });
});
