import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Faults } from '../../emulator/faults';
import { CASES, LEFT_OUT } from '../emulator/moto-cases';
import { citationsIn, rowsOf, wrongWith } from './cited-tests';

const COUNTS = { D: 27, X: 14, H: 14 };
const IDS = Object.entries(COUNTS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
);
const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'emulator.md'), 'utf8');
const ROWS = rowsOf('emulator.md', /^[DXH]\d+$/);

/** Behaviours of moto that are worth keeping, by the names of its tests. */
const MOTO = [
  ...['get_secret_version_stage_mismatch', 'get_secret_that_has_no_value', 'rotate_secret_that_is_marked_deleted'],
  ...['rotate_secret_client_request_token_too_short', 'rotate_secret_client_request_token_too_long'],
  ...['rotate_secret_rotation_lambda_arn_too_long', 'rotate_secret_rotation_period_validation'],
  ...['rotate_secret_with_incorrect_lambda_arn', 'rotate_secret_using_lambda', 'simple_lambda_is_invoked'],
  ...['rotate_secret_using_lambda_dont_rotate_immediately', 'rotate_secret_that_is_still_rotating'],
  ...['put_secret_value_can_get_first_version_if_put_twice', 'put_same_secret_value_with_same_token'],
  ...['put_different_secret_value_with_same_token', 'put_secret_value_version_stages_pending_response'],
  'after_put_secret_value_version_stages_pending_can_get_current',
  'after_put_secret_value_version_stages_can_get_current_with_custom_version_stage',
  ...['update_secret_version_stage_manually', 'update_secret_version_stage_dont_specify_current_stage'],
  ...['update_secret_version_stage_currentversion_handling', 'update_secret_version_stage_validation'],
  ...['cancel_rotate_secret_with_invalid_secret_id', 'cancel_rotate_secret_after_delete'],
  ...['cancel_rotate_secret_before_enable', 'cancel_rotate_secret', 'can_list_secret_version_ids'],
  ...['delete_secret', 'delete_secret_by_arn', 'delete_secret_force', 'delete_secret_force_no_such_secret'],
  ...['delete_secret_force_with_arn', 'delete_secret_that_does_not_exist', 'delete_secret_that_is_marked_deleted'],
  'delete_secret_fails_with_both_force_delete_flag_and_recovery_window_flag',
  ...['delete_secret_recovery_window_invalid_values', 'force_delete_secret_that_is_marked_deleted'],
  'delete_secret_force_no_such_secret_with_invalid_recovery_window',
  ...['restore_secret', 'restore_secret_that_is_not_deleted', 'restore_secret_that_does_not_exist'],
  ...['create_duplicate_secret_without_specifying_token', 'create_duplicate_secret_with_same_token'],
  ...['create_different_secret_with_same_token', 'get_random_password_default_length'],
  ...['get_random_password_default_requirements', 'get_random_password_custom_length'],
  ...['get_random_exclude_lowercase', 'get_random_exclude_uppercase', 'get_random_exclude_numbers'],
  ...['get_random_exclude_punctuation', 'get_random_exclude_characters_and_symbols'],
  ...['get_random_include_space_false', 'get_random_include_space_true', 'get_random_require_each_included_type'],
  ...['get_random_too_short_password', 'get_random_too_long_password'],
];

describe('docs/emulator.md', () => {
  it('has each row once, in order', () => {
    expect(ROWS.map(([id]) => id)).toEqual(IDS);
  });

  it('says of each what is so, and shows it by a test or says why it is not modelled', () => {
    const bare = ROWS.filter((cells) => {
      const shown = cells.at(-1) ?? '';
      const what = cells[1] ?? '';
      return (
        cells.length !== (cells[0]?.startsWith('H') ? 4 : 3) ||
        what.trim() === '' ||
        (citationsIn(shown).length === 0 && !/^not modelled: .{20}/.test(shown))
      );
    });
    expect(bare.map(([id]) => id)).toEqual([]);
  });

  it('names tests that are there, once each, and are not skipped or empty', () => {
    const problems = ROWS.flatMap(([id, ...cells]) =>
      citationsIn(cells.at(-1) ?? '')
        .map(wrongWith)
        .flatMap((problem) => (problem === undefined ? [] : [`${id}: ${problem}`])),
    );
    expect(problems).toEqual([]);
  });

  it('names every fault that can be set', () => {
    const faults = Object.keys(new Faults()).filter((name) => name !== 'random');
    expect(faults.length).toBeGreaterThan(6);
    expect(faults.filter((name) => !PAGE.includes(`\`service.faults.${name}\``))).toEqual([]);
  });

  it('names what is not compared with moto, each with its reason', () => {
    const listed = [...PAGE.matchAll(/^- `test_(\w+)`: (.+)$/gm)].map(([, name = '', reason]) => [name, reason]);
    expect(Object.fromEntries(listed)).toEqual(LEFT_OUT);
  });

  it('leaves no behaviour of moto that is worth keeping without a comparison or a reason', () => {
    const compared = Object.values(CASES).flatMap(({ moto }) => moto);
    expect(new Set(compared).size).toBe(compared.length);
    const known = new Set([...compared, ...Object.keys(LEFT_OUT)]);
    expect(MOTO.filter((name) => !known.has(name))).toEqual([]);
  });
});
