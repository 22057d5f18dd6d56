import { InvalidOptionError } from '../errors.js';
import { processorKernelOptions } from '../kernels/choose-kernel.js';
import { maxBlockCount } from '../ratings/blocks.js';
import { defaultJobOptions, type JobOptions, type ResolvedJobOptions } from './options.js';

/** Highest rank that the kernels are built and tested for. */
export const maxRank = 2048;

/** Highest rank of the solvers that are not made for high ranks. */
const maxRankOfWhole = 512;

type Check = (value: unknown) => boolean;

/** Option → what it must be, in words and as a test. */
const rules: Readonly<Record<keyof JobOptions, readonly [expected: string, check: Check]>> = {
  feedback: oneOf('implicit', 'explicit'),
  rank: integer(1, maxRank),
  iterations: integer(1, 1_000_000),
  regularization: atLeastZero(),
  regularizationExponent: atLeastZero(),
  alpha: atLeastZero(),
  unobservedWeight: atLeastZero(),
  objective: oneOf('confidence', 'ials'),
  biases: trueOrFalse(),
  globalMean: trueOrFalse(),
  nonnegative: trueOrFalse(),
  solver: oneOf('cg', 'cholesky', 'subspace'),
  cgSteps: integer(1, 1_000),
  subspaceSize: multipleOfEight(8, 128),
  seed: integer(0, 2 ** 32 - 1),
  initialScale: [
    'a finite number > 0',
    (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
  ],
  initialFactors: [
    '{ userFactors, itemFactors } as Float32Array or Float64Array, userBiases and itemBiases likewise',
    isFactorPair,
  ],
  blocks: integer(1, maxBlockCount),
  kernel: oneOf(...processorKernelOptions, 'gpu'),
};

/**
 * Checks `options` and fills in the defaults. `undefined` counts as not given.
 *
 * With explicit feedback `alpha`, `unobservedWeight` and `objective` have no meaning: giving them is an
 * error, and the first two resolve to 0. `biases` and `globalMean` have none with implicit feedback.
 *
 * Throws `InvalidOptionError` for an unknown option, a value outside its range, or two options that
 * do not go together.
 */
export function resolveJobOptions(options: JobOptions): ResolvedJobOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = rules[name as keyof JobOptions];
    if (rule === undefined) {
      throw new InvalidOptionError(
        name,
        value,
        `no such option, but ${Object.keys(rules).join(', ')}`,
      );
    }
    if (!rule[1](value)) throw new InvalidOptionError(name, value, rule[0]);
    given[name] = value;
  }
  const resolved = { ...defaultJobOptions, ...defaultsFor(given), ...(given as JobOptions) };
  if (resolved.rank > maxRankOfWhole && resolved.solver !== 'subspace') {
    const expected = `an integer from 1 to ${maxRankOfWhole}, or solver 'subspace'`;
    throw new InvalidOptionError('rank', resolved.rank, expected);
  }
  checkCombination(resolved);
  return resolved;
}

/** Defaults that depend on other options. */
function defaultsFor({ feedback, nonnegative, objective }: JobOptions): JobOptions {
  const signed = nonnegative !== true;
  return {
    ...(nonnegative === true && { solver: 'cholesky' }),
    ...(objective === 'ials' && { alpha: 0 }),
    ...(feedback === 'explicit' && {
      alpha: 0,
      unobservedWeight: 0,
      biases: signed,
      globalMean: signed,
    }),
  };
}

/** Refuses what is right alone and wrong together. */
function checkCombination(options: ResolvedJobOptions): void {
  const expect = (name: keyof JobOptions, wanted: unknown, expected: string) => {
    if (options[name] === wanted) return;
    throw new InvalidOptionError(name, options[name], expected);
  };
  if (options.feedback === 'explicit') {
    expect('alpha', 0, 'nothing with explicit feedback');
    expect('unobservedWeight', 0, 'nothing with explicit feedback');
    expect('objective', 'confidence', 'nothing with explicit feedback');
  } else {
    expect('biases', false, "false, or feedback 'explicit'");
    expect('globalMean', false, "false, or feedback 'explicit'");
  }
  if (options.kernel === 'gpu') {
    expect('nonnegative', false, "false with kernel 'gpu'");
    expect('solver', 'cg', "'cg' with kernel 'gpu'");
  }
  if (options.nonnegative) {
    expect('solver', 'cholesky', "'cholesky' with nonnegative: true");
    expect('biases', false, 'false with nonnegative: true, since biases have both signs');
    expect('globalMean', false, 'false with nonnegative: true');
  }
  checkInitialFactors(options);
}

function checkInitialFactors({ initialFactors, nonnegative, biases }: ResolvedJobOptions): void {
  for (const [name, values] of Object.entries(initialFactors ?? {})) {
    if (values === undefined) continue;
    if (name.endsWith('Biases') && !biases) {
      throw new InvalidOptionError(`initialFactors.${name}`, values, 'nothing without biases');
    }
    const negative = nonnegative ? values.find((value: number) => value < 0) : undefined;
    if (negative !== undefined) {
      throw new InvalidOptionError(
        `initialFactors.${name}`,
        `${negative} in one place`,
        'no negative element with nonnegative: true',
      );
    }
  }
}

function oneOf(...names: readonly string[]): readonly [string, Check] {
  return [
    names.map((name) => `'${name}'`).join(' or '),
    (value) => names.includes(value as string),
  ];
}

function trueOrFalse(): readonly [string, Check] {
  return ['true or false', (value) => typeof value === 'boolean'];
}

function integer(least: number, most: number): readonly [string, Check] {
  return [
    `an integer from ${least} to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  ];
}

function multipleOfEight(least: number, most: number): readonly [string, Check] {
  const [expected, isInteger] = integer(least, most);
  return [
    expected.replace('an integer', 'a multiple of 8'),
    (value) => isInteger(value) && (value as number) % 8 === 0,
  ];
}

function atLeastZero(): readonly [string, Check] {
  return [
    'a finite number ≥ 0',
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  ];
}

function isFactorPair(value: unknown): boolean {
  const isFactors = (factors: unknown) =>
    factors instanceof Float32Array || factors instanceof Float64Array;
  const isAbsent = (factors: unknown) => factors === undefined || isFactors(factors);
  if (typeof value !== 'object' || value === null) return false;
  return (
    'userFactors' in value &&
    'itemFactors' in value &&
    isFactors(value.userFactors) &&
    isFactors(value.itemFactors) &&
    (!('userBiases' in value) || isAbsent(value.userBiases)) &&
    (!('itemBiases' in value) || isAbsent(value.itemBiases))
  );
}
