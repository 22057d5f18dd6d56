import { InvalidOptionError } from './errors.js';
import { nearestName } from './nearest-name.js';

/** What the value of an option must be: in words, and as a test. */
export interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** A rule for every option: the type requires one for each new option. */
export type Rules<Name extends PropertyKey> = Readonly<Record<Name, Rule>>;

/**
 * Owner of the options, for messages: the function that takes them (`recommend`), or the option
 * that holds them (`checkpoint` makes `checkpoint.path` of `path`).
 */
export type OptionsOwner = { readonly of: string } | { readonly within: string };

/**
 * Checks the options of one call: every name is known, and every value follows its rule. `undefined`
 * counts as not given. Throws `InvalidOptionError`, for an unknown name with the nearest known one.
 */
export function checkOptions(
  owner: OptionsOwner,
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
): void {
  const names = Object.keys(rules);
  if (!isRecord(options)) {
    const [option, whose] = 'of' in owner ? ['options', ` of ${owner.of}`] : [owner.within, ''];
    const expected = `an object with options${whose}: ${names.join(', ')}`;
    throw new InvalidOptionError(option, options, expected);
  }
  const prefix = 'of' in owner ? '' : `${owner.within}.`;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) throw unknownOption(owner, name, names);
    checkValue(`${prefix}${name}`, value, rules[name]!);
  }
}

/** Throws `InvalidOptionError` unless the value follows the rule. */
export function checkValue(option: string, value: unknown, { expected, accepts }: Rule): void {
  if (!accepts(value)) throw new InvalidOptionError(option, value, expected);
}

/** Throws `InvalidOptionError` unless `count` is an integer ≥ 1. */
export function checkCount(option: string, count: unknown): void {
  checkValue(option, count, aCount);
}

/** Throws `InvalidOptionError`; also for a string, although it is an iterable of characters. */
export function checkIterable(option: string, rows: unknown, of: string): void {
  checkValue(option, rows, anIterable(of));
}

/** Seconds that a timer can wait, some 23 days at most. */
export const aTimeLimit: Rule = {
  expected: 'seconds > 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value < 2_000_000,
};

/** An integer ≥ 1. */
export const aCount: Rule = integer(1, Number.MAX_SAFE_INTEGER);

/** An integer from 0 to 2³² − 1. */
export const aSeed: Rule = integer(0, 2 ** 32 - 1);

/** Above 0 and below 1. */
export const aShare: Rule = {
  expected: 'a number between 0 and 1, both excluded',
  accepts: (value) => typeof value === 'number' && value > 0 && value < 1,
};

export const trueOrFalse: Rule = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export const aFunction: Rule = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
};

export const aSignal: Rule = {
  expected: 'an AbortSignal',
  accepts: (value) => value instanceof AbortSignal,
};

/** Not checked here: its check depends on other values. */
export const anything: Rule = { expected: 'anything', accepts: () => true };

export function integer(min: number, max: number): Rule {
  const isUnlimited = max === Number.MAX_SAFE_INTEGER;
  return {
    expected: isUnlimited ? `an integer ≥ ${min}` : `an integer from ${min} to ${max}`,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

export function numberFrom(min: number): Rule {
  return {
    expected: `a finite number ≥ ${min}`,
    accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= min,
  };
}

export function numberAbove(min: number): Rule {
  return {
    expected: `a finite number > ${min}`,
    accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value > min,
  };
}

export function oneOf(...names: readonly string[]): Rule {
  return {
    expected: names.map((name) => `'${name}'`).join(' or '),
    accepts: (value) => names.some((name) => name === value),
  };
}

/** @param what the path is of */
export function aPath(what: string): Rule {
  return {
    expected: `the name of ${what}`,
    accepts: (value) => typeof value === 'string' && value !== '',
  };
}

/** @param of what it gives, in words */
export function anIterable(of: string): Rule {
  return {
    expected: `an iterable of ${of}`,
    accepts: (value) =>
      typeof value === 'object' &&
      typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function',
  };
}

function unknownOption(owner: OptionsOwner, name: string, names: readonly string[]) {
  const nearest = nearestName(name, names);
  const [option, found] =
    'of' in owner
      ? [name, `${name} of ${owner.of}`]
      : [`${owner.within}.${name}`, `${owner.within}.${name}`];
  return new InvalidOptionError(
    option,
    `found option ${found}; expected one of ${names.join(', ')}` +
      (nearest === undefined ? '' : `; try ${nearest}`),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
