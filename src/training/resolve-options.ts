import { InvalidOptionError } from '../errors.js';
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
  solver: oneOf('cg', 'cholesky', 'subspace'),
  cgSteps: integer(1, 1_000),
  subspaceSize: multipleOfEight(8, 128),
  seed: integer(0, 2 ** 32 - 1),
  initialFactors: ['{ userFactors, itemFactors } as Float32Array or Float64Array', isFactorPair],
  blocks: integer(1, maxBlockCount),
  kernel: oneOf('auto', 'reference', 'wasm', 'gpu'),
};

/**
 * Checks `options` and fills in the defaults. `undefined` counts as not given.
 *
 * With explicit feedback `alpha` and `unobservedWeight` have no meaning: giving them is an error, and
 * they resolve to 0.
 *
 * Throws `InvalidOptionError` for an unknown option or a value outside its range.
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
  const resolved = { ...defaultJobOptions, ...(given as JobOptions) };
  if (resolved.rank > maxRankOfWhole && resolved.solver !== 'subspace') {
    const expected = `an integer from 1 to ${maxRankOfWhole}, or solver 'subspace'`;
    throw new InvalidOptionError('rank', resolved.rank, expected);
  }
  if (resolved.feedback === 'implicit') return resolved;
  for (const name of ['alpha', 'unobservedWeight'] as const) {
    if (given[name] !== undefined && given[name] !== 0) {
      throw new InvalidOptionError(name, given[name], 'nothing with explicit feedback');
    }
  }
  return { ...resolved, alpha: 0, unobservedWeight: 0 };
}

function oneOf(...names: readonly string[]): readonly [string, Check] {
  return [
    names.map((name) => `'${name}'`).join(' or '),
    (value) => names.includes(value as string),
  ];
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
  if (typeof value !== 'object' || value === null) return false;
  return (
    'userFactors' in value &&
    'itemFactors' in value &&
    isFactors(value.userFactors) &&
    isFactors(value.itemFactors)
  );
}
