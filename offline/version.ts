/** Compares two versions by their numbers; a pre-release comes before its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.prerelease === right.prerelease) return 0;
  if (left.prerelease === '') return 1;
  return right.prerelease === '' || left.prerelease > right.prerelease ? 1 : -1;
}

/**
 * Whether a version is inside a constraint such as `>= 6.26, < 7` or `~> 5.1`; an empty constraint allows all.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/version-constraints
 */
export function satisfies(version: string, constraint: string): boolean {
  return constraint
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .every((part) => satisfiesOne(version, part));
}

function satisfiesOne(version: string, part: string): boolean {
  const match = /^(=|!=|>=|<=|>|<|~>)?\s*v?(\d[\w.+-]*)$/.exec(part);
  if (match === null) return false;
  const [, operator = '=', wanted = ''] = match;
  const difference = compareVersions(version, wanted);
  // As Terraform does: a pre-release is taken only when it is asked for exactly.
  if (parse(version).prerelease !== '' && !(operator === '=' && difference === 0)) return false;
  switch (operator) {
    case '!=':
      return difference !== 0;
    case '>=':
      return difference >= 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
    case '~>':
      return difference >= 0 && sameUntilLast(version, wanted);
    default:
      return difference === 0;
  }
}

/** `~> 5.1` keeps the 5, `~> 5.1.2` keeps the 5.1. */
function sameUntilLast(version: string, wanted: string): boolean {
  const kept = parse(wanted).numbers.slice(0, -1);
  return kept.every((number, index) => parse(version).numbers[index] === number);
}

function parse(version: string): { readonly numbers: readonly number[]; readonly prerelease: string } {
  const [plain = ''] = version.split('+');
  const [release = '', ...rest] = plain.split('-');
  return { numbers: release.split('.').map((part) => Number.parseInt(part, 10) || 0), prerelease: rest.join('-') };
}
