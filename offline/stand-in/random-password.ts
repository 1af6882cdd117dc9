import { randomInt } from 'node:crypto';

/** What can be configured, defaults filled in. */
export interface PasswordConfig {
  readonly length: number;
  readonly lower: boolean;
  readonly upper: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly min_lower: number;
  readonly min_upper: number;
  readonly min_numeric: number;
  readonly min_special: number;
  readonly override_special: string | null;
}

const ALPHABET = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numeric: '0123456789',
  special: '!@#$%&*()-_=+[]{}<>:?',
} as const;

const CLASSES = ['lower', 'upper', 'numeric', 'special'] as const;

/** The configuration as Terraform sends it, with the provider's defaults for what is null. */
export function withDefaults(raw: Readonly<Record<string, unknown>>): PasswordConfig {
  const flag = (name: string) => (typeof raw[name] === 'boolean' ? raw[name] : true);
  const count = (name: string) => (raw[name] === null || raw[name] === undefined ? 0 : Number(raw[name]));
  return {
    length: count('length'),
    lower: flag('lower'),
    upper: flag('upper'),
    numeric: flag('numeric'),
    special: flag('special'),
    min_lower: count('min_lower'),
    min_upper: count('min_upper'),
    min_numeric: count('min_numeric'),
    min_special: count('min_special'),
    override_special: typeof raw.override_special === 'string' ? raw.override_special : null,
  };
}

/** What is wrong with a configuration, empty when a password can be made from it. */
export function passwordProblems(config: PasswordConfig): readonly string[] {
  const least = config.min_lower + config.min_upper + config.min_numeric + config.min_special;
  const problems: string[] = [];
  if (config.length < 1) problems.push(`length is ${config.length}, must be at least 1`);
  if (config.length < least) problems.push(`length is ${config.length}, must be at least the sum of min_*, ${least}`);
  if (CLASSES.every((name) => alphabet(config, name) === '')) problems.push('no class of characters is left');
  return problems;
}

/**
 * A password: the wanted numbers of each class first, the rest from all of them, then shuffled.
 *
 * @param draw - gives a whole number from zero to below another. @default - a really random one
 */
export function makePassword(config: PasswordConfig, draw: (below: number) => number = randomInt): string {
  const pick = (from: string) => from.charAt(draw(from.length));
  const chosen = CLASSES.flatMap((name) => {
    const from = alphabet({ ...config, [name]: true }, name);
    return Array.from({ length: config[`min_${name}`] }, () => pick(from));
  });
  const all = CLASSES.map((name) => alphabet(config, name)).join('');
  while (chosen.length < config.length) chosen.push(pick(all));
  return shuffle(chosen, draw).join('');
}

function alphabet(config: PasswordConfig, name: (typeof CLASSES)[number]): string {
  if (!config[name]) return '';
  return name === 'special' && config.override_special ? config.override_special : ALPHABET[name];
}

function shuffle(characters: readonly string[], draw: (below: number) => number): string[] {
  const rest = [...characters];
  const mixed: string[] = [];
  while (rest.length > 0) mixed.push(...rest.splice(draw(rest.length), 1));
  return mixed;
}
