import { randomUUID } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';

/** A secret in one of the two, and how to call that one. */
export interface Subject {
  readonly aws: SecretsManager;
  readonly SecretId: string;
  /** Its version, whose value is `first`. */
  readonly first: string;
}

export interface Case {
  /** Tests of moto that show the same. */
  readonly moto: readonly string[];
  ask(subject: Subject): Promise<unknown>;
}

const TOKEN = 'd'.repeat(32);
const VALUE = { SecretString: 'x', ClientRequestToken: TOKEN };
const ABSENT = 'arn:aws:lambda:eu-central-1:111122223333:function:absent';

/** What both must answer alike. */
export const CASES: Readonly<Record<string, Case>> = {
  'the same value under the same token': {
    moto: ['put_same_secret_value_with_same_token'],
    ask: async ({ aws, SecretId }) => {
      await aws.putSecretValue({ SecretId, ...VALUE });
      return (await aws.putSecretValue({ SecretId, ...VALUE })).VersionStages;
    },
  },
  'a first version after two puts': {
    moto: ['put_secret_value_can_get_first_version_if_put_twice'],
    ask: async ({ aws, SecretId, first }) => {
      await aws.putSecretValue({ SecretId, SecretString: 'x' });
      return (await aws.getSecretValue({ SecretId, VersionId: first })).SecretString;
    },
  },
  'the versions that are listed': {
    moto: ['can_list_secret_version_ids'],
    ask: async ({ aws, SecretId, first }) => {
      await aws.putSecretValue({ SecretId, ...VALUE });
      const { Versions = [] } = await aws.listSecretVersionIds({ SecretId });
      return Versions.map(({ VersionId, VersionStages }) => [VersionId === first, VersionStages]);
    },
  },
  'a current version after a pending one was put': {
    moto: ['after_put_secret_value_version_stages_pending_can_get_current'],
    ask: async ({ aws, SecretId }) => {
      await aws.putSecretValue({ SecretId, ...VALUE, VersionStages: ['AWSPENDING'] });
      return (await aws.getSecretValue({ SecretId })).SecretString;
    },
  },
  "a version of a label of one's own, and the current one beside it": {
    moto: ['after_put_secret_value_version_stages_can_get_current_with_custom_version_stage'],
    ask: async ({ aws, SecretId }) => {
      await aws.putSecretValue({ SecretId, ...VALUE, VersionStages: ['OWN'] });
      const own = await aws.getSecretValue({ SecretId, VersionStage: 'OWN' });
      return [own.SecretString, (await aws.getSecretValue({ SecretId })).SecretString];
    },
  },
  'the answer to a pending put': {
    moto: ['put_secret_value_version_stages_pending_response'],
    ask: async ({ aws, SecretId }) =>
      (await aws.putSecretValue({ SecretId, ...VALUE, VersionStages: ['AWSPENDING'] })).VersionStages,
  },
  'AWSCURRENT moved without saying from where': {
    moto: ['update_secret_version_stage_dont_specify_current_stage'],
    ask: async ({ aws, SecretId, first }) => {
      await aws.putSecretValue({ SecretId, ...VALUE, VersionStages: ['AWSPENDING'] });
      return failure(
        aws.updateSecretVersionStage({ SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: TOKEN }),
        first,
      );
    },
  },
  'the labels after a pending version was promoted by hand': {
    moto: ['update_secret_version_stage_manually'],
    ask: async ({ aws, SecretId, first }) => {
      await aws.putSecretValue({ SecretId, ...VALUE, VersionStages: ['AWSPENDING'] });
      await promote({ aws, SecretId, first }, TOKEN);
      return labelsOf({ aws, SecretId, first });
    },
  },
  'the labels after AWSCURRENT went back': {
    moto: ['update_secret_version_stage_currentversion_handling'],
    ask: async ({ aws, SecretId, first }) => {
      await aws.putSecretValue({ SecretId, ...VALUE });
      const back = { MoveToVersionId: first, RemoveFromVersionId: TOKEN };
      await aws.updateSecretVersionStage({ SecretId, VersionStage: 'AWSCURRENT', ...back });
      return labelsOf({ aws, SecretId, first });
    },
  },
  // Whether they are refused: the names of the errors are moto's own.
  'moves from and to versions that are not there, or have not the label': {
    moto: ['update_secret_version_stage_validation'],
    ask: ({ aws, SecretId, first }) => {
      const move = (more: object) => refused(aws.updateSecretVersionStage({ SecretId, VersionStage: 'OWN', ...more }));
      return Promise.all([
        move({ RemoveFromVersionId: TOKEN }),
        move({ RemoveFromVersionId: first }),
        move({ MoveToVersionId: TOKEN }),
        refused(aws.updateSecretVersionStage({ SecretId: 'nowhere', VersionStage: 'OWN' })),
      ]);
    },
  },
  'a version and a label that do not belong together': {
    moto: ['get_secret_version_stage_mismatch'],
    ask: ({ aws, SecretId, first }) =>
      failure(aws.getSecretValue({ SecretId, VersionId: first, VersionStage: 'AWSPENDING' })),
  },
  'a secret without a value': {
    moto: ['get_secret_that_has_no_value'],
    ask: async ({ aws }) => {
      const { ARN } = await aws.createSecret({ Name: randomUUID() });
      return failure(aws.getSecretValue({ SecretId: ARN }));
    },
  },
  'a secret that is not there': {
    moto: ['get_secret_that_does_not_exist'],
    ask: ({ aws }) => failure(aws.getSecretValue({ SecretId: 'nowhere' })),
  },
  'a name that is taken': {
    moto: ['create_duplicate_secret_without_specifying_token'],
    ask: async ({ aws }) => {
      const Name = randomUUID();
      await aws.createSecret({ Name, SecretString: 'x' });
      return failure(aws.createSecret({ Name, SecretString: 'y' }), Name);
    },
  },
  'the same secret created twice': {
    moto: ['create_duplicate_secret_with_same_token'],
    ask: async ({ aws }) => {
      const input = { Name: randomUUID(), ...VALUE };
      const { ARN } = await aws.createSecret(input);
      const again = await aws.createSecret(input);
      return [again.ARN === ARN, again.VersionId];
    },
  },
  'another value under the token of a creation': {
    moto: ['create_different_secret_with_same_token'],
    ask: async ({ aws }) => {
      const Name = randomUUID();
      const { ARN } = await aws.createSecret({ Name, ...VALUE });
      return failure(aws.createSecret({ Name, ...VALUE, SecretString: 'y' }), String(ARN));
    },
  },
  'rotation to a function that is not there': {
    moto: ['rotate_secret_with_incorrect_lambda_arn'],
    // The names of the error differ between versions of moto: that it is refused is what counts.
    ask: ({ aws, SecretId }) => refused(aws.rotateSecret({ SecretId, RotationLambdaARN: ABSENT })),
  },
  'a token of a rotation that is too short': {
    moto: ['rotate_secret_client_request_token_too_short'],
    ask: ({ aws, SecretId }) => failure(aws.rotateSecret({ SecretId, ClientRequestToken: 'x'.repeat(31) })),
  },
  'a token of a rotation that is too long': {
    moto: ['rotate_secret_client_request_token_too_long'],
    ask: ({ aws, SecretId }) => failure(aws.rotateSecret({ SecretId, ClientRequestToken: 'x'.repeat(65) })),
  },
  'an ARN of a function that is too long': {
    moto: ['rotate_secret_rotation_lambda_arn_too_long'],
    ask: ({ aws, SecretId }) => failure(aws.rotateSecret({ SecretId, RotationLambdaARN: 'x'.repeat(2_049) })),
  },
  'a period of no days, and of too many': {
    moto: ['rotate_secret_rotation_period_validation', 'rotate_secret_rotation_period_too_long'],
    ask: ({ aws, SecretId }) =>
      Promise.all(
        [0, 1_001].map((AutomaticallyAfterDays) =>
          failure(aws.rotateSecret({ SecretId, RotationRules: { AutomaticallyAfterDays } })),
        ),
      ),
  },
  'rotation of what is deleted': {
    moto: ['rotate_secret_that_is_marked_deleted'],
    ask: async ({ aws, SecretId }) => {
      await aws.deleteSecret({ SecretId });
      return name(aws.rotateSecret({ SecretId }));
    },
  },
  'a cancellation of a rotation that never was': {
    moto: ['cancel_rotate_secret_before_enable'],
    // moto leaves a space out.
    ask: async ({ aws, SecretId }) => (await failure(aws.cancelRotateSecret({ SecretId })))?.replaceAll(' ', ''),
  },
  'a cancellation of what is deleted, and of what is not there': {
    moto: ['cancel_rotate_secret_after_delete', 'cancel_rotate_secret_with_invalid_secret_id'],
    ask: async ({ aws, SecretId }) => {
      await aws.deleteSecret({ SecretId });
      const deleted = await name(aws.cancelRotateSecret({ SecretId }));
      return [deleted, await failure(aws.cancelRotateSecret({ SecretId: 'nowhere' }))];
    },
  },
  'a value after a deletion, and after its restoration': {
    moto: ['delete_secret', 'delete_secret_by_arn', 'restore_secret', 'get_secret_value_that_is_marked_deleted'],
    ask: async ({ aws, SecretId }) => {
      await aws.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
      const deleted = await name(aws.getSecretValue({ SecretId }));
      await aws.restoreSecret({ SecretId });
      return [deleted, (await aws.getSecretValue({ SecretId })).SecretString];
    },
  },
  'a deletion without recovery, of a secret and of what is not there': {
    moto: ['delete_secret_force', 'delete_secret_force_with_arn', 'delete_secret_force_no_such_secret'],
    ask: async ({ aws, SecretId }) => {
      await aws.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      const gone = await failure(aws.describeSecret({ SecretId }));
      const { Name } = await aws.deleteSecret({ SecretId: 'nowhere', ForceDeleteWithoutRecovery: true });
      return [gone, Name];
    },
  },
  'a deletion of what is deleted, with and without recovery': {
    moto: ['delete_secret_that_is_marked_deleted', 'force_delete_secret_that_is_marked_deleted'],
    ask: async ({ aws, SecretId }) => {
      await aws.deleteSecret({ SecretId });
      const again = await name(aws.deleteSecret({ SecretId }));
      await aws.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      return [again, await failure(aws.describeSecret({ SecretId }))];
    },
  },
  'a deletion and a restoration of what is not there': {
    moto: ['delete_secret_that_does_not_exist', 'restore_secret_that_does_not_exist'],
    ask: ({ aws }) =>
      Promise.all([
        failure(aws.deleteSecret({ SecretId: 'nowhere' })),
        failure(aws.restoreSecret({ SecretId: 'nowhere' })),
      ]),
  },
  'a restoration of what is not deleted': {
    moto: ['restore_secret_that_is_not_deleted'],
    ask: async ({ aws, SecretId }) => (await aws.restoreSecret({ SecretId })).ARN === SecretId,
  },
  'a deletion with both kinds of ends': {
    moto: ['delete_secret_fails_with_both_force_delete_flag_and_recovery_window_flag'],
    ask: ({ aws, SecretId }) =>
      name(aws.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 })),
  },
  'a deletion with a window that AWS does not have': {
    moto: [
      'delete_secret_recovery_window_invalid_values',
      'delete_secret_force_no_such_secret_with_invalid_recovery_window',
    ],
    ask: ({ aws, SecretId }) =>
      Promise.all(
        [2, 6, 31, 100].map((RecoveryWindowInDays) => name(aws.deleteSecret({ SecretId, RecoveryWindowInDays }))),
      ),
  },
  'replicas in other regions, in its own, and before a deletion': {
    moto: ['replicate_secret', 'replicate_secret__in_same_region', 'delete_while_duplication_exist'],
    ask: async ({ aws, SecretId }) => {
      const replicate = (Region: string) => aws.replicateSecretToRegions({ SecretId, AddReplicaRegions: [{ Region }] });
      const { ReplicationStatus } = await replicate('eu-west-1');
      const own = await failure(replicate('eu-central-1'));
      const early = await name(aws.deleteSecret({ SecretId }));
      await aws.removeRegionsFromReplication({ SecretId, RemoveReplicaRegions: ['eu-west-1'] });
      const { Name } = await aws.deleteSecret({ SecretId });
      return [ReplicationStatus?.map(({ Region, Status }) => [Region, Status]), own, early, Name !== undefined];
    },
  },
  'a batch of what is there, what is deleted and what is not there': {
    moto: [
      'batch_get_secret_value_for_secret_id_list_with_matches',
      'batch_get_secret_value_for_secret_id_list_without_matches',
      'batch_get_secret_value_for_secret_id_list_with_deleted_secret',
    ],
    ask: async ({ aws, SecretId }) => {
      const { ARN: gone = '' } = await aws.createSecret({ Name: randomUUID(), SecretString: 'x' });
      await aws.deleteSecret({ SecretId: gone });
      const answer = await aws.batchGetSecretValue({ SecretIdList: [SecretId, gone, 'nowhere'] });
      return [
        answer.SecretValues?.map(({ SecretString, VersionStages }) => [SecretString, VersionStages]),
        answer.Errors?.map(({ ErrorCode }) => ErrorCode),
      ];
    },
  },
  'a batch by a list and by filters at once, and in pages without filters': {
    moto: [
      'batch_get_secret_value_with_both_secret_id_list_and_filters',
      'batch_get_secret_value_with_max_results_and_no_filters',
    ],
    ask: ({ aws, SecretId }) => {
      const list = { SecretIdList: [SecretId] };
      return Promise.all([
        failure(aws.batchGetSecretValue({ ...list, Filters: [{ Key: 'name', Values: ['x'] }] })),
        failure(aws.batchGetSecretValue({ ...list, MaxResults: 1 })),
      ]);
    },
  },
  'the kinds of characters in random passwords': {
    moto: [
      ...['default_length', 'default_requirements', 'custom_length'].map((one) => `get_random_password_${one}`),
      ...['lowercase', 'uppercase', 'numbers', 'punctuation'].map((one) => `get_random_exclude_${one}`),
      ...['get_random_exclude_characters_and_symbols', 'get_random_require_each_included_type'],
      ...['get_random_include_space_false', 'get_random_include_space_true'],
    ],
    ask: ({ aws }) =>
      Promise.all(
        [
          {},
          { PasswordLength: 50 },
          { ExcludeLowercase: true },
          { ExcludeUppercase: true },
          { ExcludeNumbers: true },
          { ExcludePunctuation: true },
          { IncludeSpace: true },
          { ExcludeCharacters: 'xyzDje@?!.', PasswordLength: 20 },
        ].map(async (input) => {
          const { RandomPassword = '' } = await aws.getRandomPassword(input);
          const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9 ]/, / /, /[xyzDje@?!.]/].slice(
            0,
            'ExcludeCharacters' in input ? 6 : 5,
          );
          return [RandomPassword.length, kinds.map((kind) => kind.test(RandomPassword))];
        }),
      ),
  },
  'a random password that is too short': {
    moto: ['get_random_too_short_password'],
    ask: ({ aws }) => name(aws.getRandomPassword({ PasswordLength: 3 })),
  },
};

/** Tests of moto that are not compared, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  put_different_secret_value_with_same_token: 'moto overwrites the value in some versions and refuses it in others',
  get_random_too_long_password: 'moto names the error InvalidParameterValue, AWS ValidationException',
  cancel_rotate_secret: 'it needs a function in moto, which runs in a container there',
  rotate_secret_using_lambda: 'it needs a function in moto, which runs in a container there',
  rotate_secret_using_lambda_dont_rotate_immediately: 'it needs a function in moto, and AWSPENDING stays there',
  simple_lambda_is_invoked: 'moto without containers runs no function, so its order cannot be seen from outside',
  rotate_secret_that_is_still_rotating: 'moto refuses just when the pending version is the current one',
};

async function promote({ aws, SecretId, first }: Subject, version: string): Promise<void> {
  const move = { MoveToVersionId: version, RemoveFromVersionId: first };
  await aws.updateSecretVersionStage({ SecretId, VersionStage: 'AWSCURRENT', ...move });
}

/** Labels by version, the first one and the other. */
async function labelsOf({ aws, SecretId, first }: Subject): Promise<unknown> {
  const { VersionIdsToStages = {} } = await aws.describeSecret({ SecretId });
  return [VersionIdsToStages[first]?.toSorted(), VersionIdsToStages[TOKEN]?.toSorted()];
}

/** Name and message of the error; what is the secret's own is taken out. */
async function failure(call: Promise<unknown>, ...own: readonly string[]): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const { name: kind, message } = error as Error;
    return own.reduce((text, one) => text.replaceAll(one, '…'), `${kind}: ${message}`);
  }
}

async function name(call: Promise<unknown>): Promise<string | undefined> {
  return (await failure(call))?.split(':')[0];
}

async function refused(call: Promise<unknown>): Promise<boolean> {
  return (await failure(call)) !== undefined;
}
