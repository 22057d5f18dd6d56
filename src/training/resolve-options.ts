import {
  aSeed,
  checkOptions,
  integer,
  numberAbove,
  numberFrom,
  oneOf,
  type Rule,
  type Rules,
  trueOrFalse,
} from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import { processorKernelOptions } from '../kernels/select/choose-kernel.js';
import { maxBlockCount } from '../ratings/blocks.js';
import { chooseSettings, type RatingsFacts } from './choose-settings.js';
import {
  type CheckedJobOptions,
  defaultJobOptions,
  type GivenJobOptions,
  type JobOptions,
  lossOptions,
  type ResolvedJobOptions,
} from './options.js';

/** Options without meaning with explicit feedback, where 'auto' is as good as nothing. */
const meaningless: readonly string[] = ['objective', 'alpha', 'unobservedWeight'];

/** Highest rank that the kernels are built and tested for. */
export const maxRank = 2048;

/** Highest rank of the solvers that are not made for high ranks. */
export const maxRankOfWhole = 512;

/** What each option must be. */
export const jobRules: Rules<keyof JobOptions> = {
  feedback: oneOf('implicit', 'explicit'),
  rank: integer(1, maxRank),
  iterations: integer(1, 1_000_000),
  regularization: orAuto(numberFrom(0)),
  regularizationExponent: orAuto(numberFrom(0)),
  alpha: orAuto(numberFrom(0)),
  unobservedWeight: orAuto(numberFrom(0)),
  objective: oneOf('auto', 'confidence', 'ials'),
  biases: trueOrFalse,
  globalMean: trueOrFalse,
  nonnegative: trueOrFalse,
  solver: oneOf('cg', 'cholesky', 'subspace'),
  cgSteps: integer(1, 1_000),
  overrelaxation: trueOrFalse,
  subspaceSize: multipleOfEight(8, 128),
  balance: trueOrFalse,
  start: oneOf('sketch', 'random'),
  seed: aSeed,
  initialScale: numberAbove(0),
  initialFactors: {
    expected:
      '{ userFactors, itemFactors } as Float32Array or Float64Array, userBiases and itemBiases likewise',
    accepts: isFactorPair,
  },
  blocks: integer(1, maxBlockCount),
  kernel: oneOf(...processorKernelOptions, 'gpu'),
};

/**
 * Checks `options` and fills in the defaults. `undefined` counts as not given. What depends on the
 * ratings stays 'auto': `chooseSettings` makes numbers of it.
 *
 * With explicit feedback `alpha`, `unobservedWeight` and `objective` have no meaning: giving them is an
 * error, and the first two become 0. `biases` and `globalMean` have none with implicit feedback.
 *
 * Throws `InvalidOptionError` for an unknown option, a value outside its range, or two options that
 * do not go together.
 */
export function checkJobOptions(options: JobOptions): CheckedJobOptions {
  checkOptions({ of: 'train' }, options, jobRules);
  const isExplicit = options.feedback === 'explicit';
  const given = Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) =>
        value !== undefined && !(isExplicit && value === 'auto' && meaningless.includes(name)),
    ),
  );
  const resolved = { ...defaultJobOptions, ...defaultsFor(given), ...(given as GivenJobOptions) };
  if (resolved.rank > maxRankOfWhole && resolved.solver !== 'subspace') {
    const expected = `an integer from 1 to ${maxRankOfWhole}, or solver 'subspace'`;
    throw new InvalidOptionError('rank', resolved.rank, expected);
  }
  checkCombination(resolved);
  return resolved;
}

/**
 * As `checkJobOptions`, with nothing left open: what is 'auto' is chosen by `facts`. Without them
 * every such option must be given, as in the settings of a model; else throws `InvalidOptionError`.
 */
export function resolveJobOptions(options: JobOptions, facts?: RatingsFacts): ResolvedJobOptions {
  const checked = checkJobOptions(options);
  if (facts !== undefined) return chooseSettings(checked, facts).options;
  const open = lossOptions.find((name) => checked[name] === 'auto');
  if (open !== undefined) {
    throw new InvalidOptionError(open, 'auto', 'a value, where there are no ratings to choose by');
  }
  // None is 'auto'.
  return checked as ResolvedJobOptions;
}

/** Defaults that depend on other options. */
function defaultsFor(given: JobOptions): GivenJobOptions {
  const { feedback, nonnegative, solver, initialFactors } = given;
  const signed = nonnegative !== true;
  const isPlain = nonnegative === true || solver === 'cholesky';
  return {
    ...(nonnegative === true && { solver: 'cholesky' }),
    ...(isPlain && { balance: false }),
    ...((isPlain || initialFactors !== undefined) && { start: 'random' }),
    ...((nonnegative === true || (solver ?? 'cg') !== 'cg') && { overrelaxation: false }),
    ...(feedback === 'explicit' && {
      objective: 'confidence',
      alpha: 0,
      unobservedWeight: 0,
      biases: signed,
      globalMean: signed,
    }),
  };
}

/** Refuses options that are right alone and wrong together. */
function checkCombination(options: CheckedJobOptions): void {
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
    expect('balance', false, 'false with nonnegative: true, since a basis has both signs');
    expect('start', 'random', "'random' with nonnegative: true, since a sketch has both signs");
  }
  if (options.initialFactors !== undefined) {
    expect('start', 'random', "'random' or nothing beside initialFactors");
  }
  if (options.solver !== 'cg') expect('overrelaxation', false, "false, or solver 'cg'");
  checkInitialFactors(options);
}

function checkInitialFactors({ initialFactors, nonnegative, biases }: CheckedJobOptions): void {
  for (const [name, values] of Object.entries(initialFactors ?? {})) {
    if (values === undefined) continue;
    if (name.endsWith('Biases') && !biases) {
      throw new InvalidOptionError(`initialFactors.${name}`, values, 'nothing without biases');
    }
    // A float64 beyond float32 would become infinite.
    const unusable = values.find((value: number) => !Number.isFinite(Math.fround(value)));
    if (unusable !== undefined) {
      throw new InvalidOptionError(
        `initialFactors.${name}`,
        `found ${unusable} in initialFactors.${name}; expected finite numbers that float32 can hold`,
      );
    }
    const negative = nonnegative ? values.find((value: number) => value < 0) : undefined;
    if (negative !== undefined) {
      throw new InvalidOptionError(
        `initialFactors.${name}`,
        `found ${negative} in initialFactors.${name}; expected none below 0 with nonnegative: true`,
      );
    }
  }
}

function orAuto({ expected, accepts }: Rule): Rule {
  return {
    expected: `${expected} or 'auto'`,
    accepts: (value) => value === 'auto' || accepts(value),
  };
}

function multipleOfEight(min: number, max: number): Rule {
  const { expected, accepts } = integer(min, max);
  return {
    expected: expected.replace('an integer', 'a multiple of 8'),
    accepts: (value) => accepts(value) && Number(value) % 8 === 0,
  };
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
