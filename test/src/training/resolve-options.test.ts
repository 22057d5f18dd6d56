import { inspect } from 'node:util';
import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import type { JobOptions } from '../../../src/training/options.js';
import { defaultJobOptions, paperSettings } from '../../../src/training/options.js';
import { checkJobOptions, resolveJobOptions } from '../../../src/training/resolve-options.js';

test('nothing given resolves to the defaults', (t) => {
  t.deepEqual(checkJobOptions({}), { ...defaultJobOptions });
});

test('undefined counts as not given', (t) => {
  const given = { rank: undefined } as unknown as JobOptions;

  t.is(checkJobOptions(given).rank, 64);
});

test('explicit feedback has no confidence and no unobserved cells', (t) => {
  t.like(checkJobOptions({ feedback: 'explicit' }), { alpha: 0, unobservedWeight: 0 });
});

test('explicit feedback predicts with biases around the mean', (t) => {
  t.like(checkJobOptions({ feedback: 'explicit' }), { biases: true, globalMean: true });
  t.like(checkJobOptions({ feedback: 'implicit' }), { biases: false, globalMean: false });
});

test('nonnegative rows are solved exactly, without biases and mean', (t) => {
  const resolved = checkJobOptions({ feedback: 'explicit', nonnegative: true });

  t.like(resolved, { solver: 'cholesky', biases: false, globalMean: false });
});

test('what weighs the loss is left to the ratings, with explicit feedback λ and ν alone', (t) => {
  const implicit = checkJobOptions({ alpha: 2 });
  const explicit = checkJobOptions({ feedback: 'explicit', objective: 'auto', alpha: 'auto' });

  t.like(implicit, { objective: 'auto', alpha: 2, unobservedWeight: 'auto' });
  t.like(implicit, { regularization: 'auto', regularizationExponent: 'auto' });
  t.like(explicit, { objective: 'confidence', alpha: 0, unobservedWeight: 0 });
  t.like(explicit, { regularization: 'auto', regularizationExponent: 'auto' });
});

test('where there are no ratings to choose by, every setting of the loss must be given', (t) => {
  const error = t.throws(() => resolveJobOptions({ ...paperSettings, alpha: 'auto' }), {
    instanceOf: InvalidOptionError,
  });

  t.is(error?.option, 'alpha');
  t.like(resolveJobOptions(paperSettings), paperSettings);
});

test('models are balanced unless they are exact or cannot be', (t) => {
  t.true(checkJobOptions({ solver: 'subspace' }).balance);
  t.false(checkJobOptions({ solver: 'cholesky' }).balance);
  t.true(checkJobOptions({ solver: 'cholesky', balance: true }).balance);
  t.false(checkJobOptions({ nonnegative: true }).balance);
});

test('factors start from the ratings unless they are given, or the algorithm is to be the textbook one', (t) => {
  const initialFactors = { userFactors: new Float32Array(2), itemFactors: new Float32Array(2) };
  t.is(checkJobOptions({ solver: 'subspace' }).start, 'sketch');
  t.is(checkJobOptions({ feedback: 'explicit' }).start, 'sketch');
  t.is(checkJobOptions({ solver: 'cholesky' }).start, 'random');
  t.is(checkJobOptions({ solver: 'cholesky', start: 'sketch' }).start, 'sketch');
  t.is(checkJobOptions({ nonnegative: true }).start, 'random');
  t.is(checkJobOptions({ initialFactors }).start, 'random');
});

test('rows of conjugate gradient alone go beyond where it leads', (t) => {
  t.true(checkJobOptions({}).overrelaxation);
  t.false(checkJobOptions({ solver: 'subspace' }).overrelaxation);
  t.false(checkJobOptions({ nonnegative: true }).overrelaxation);
});

test('resolved options resolve to themselves', (t) => {
  for (const options of [
    {},
    { feedback: 'explicit' },
    { nonnegative: true },
    { feedback: 'explicit', nonnegative: true },
    { objective: 'ials' },
  ] as const) {
    const resolved = checkJobOptions(options);

    t.deepEqual(checkJobOptions(resolved), resolved);
  }
});

test('subspaces go with ranks to 2048', (t) => {
  t.is(checkJobOptions({ rank: 2048, solver: 'subspace' }).rank, 2048);
});

const refused = test.macro({
  exec(t, options: unknown, option: string) {
    const error = t.throws(() => checkJobOptions(options as JobOptions), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
    t.is(error?.option, option);
  },
  title: (_, options) => `${inspect(options)} is refused`,
});

for (const rank of [0, -1, 1.5, 513, Number.NaN, '64', null]) test(refused, { rank }, 'rank');
test(refused, { iterations: 0 }, 'iterations');
test(refused, { regularization: -0.1 }, 'regularization');
test(refused, { regularization: Number.POSITIVE_INFINITY }, 'regularization');
test(refused, { regularizationExponent: -1 }, 'regularizationExponent');
test(refused, { alpha: Number.NaN, x: 1 }, 'alpha');
test(refused, { unobservedWeight: -1 }, 'unobservedWeight');
test(refused, { solver: 'lu' }, 'solver');
test(refused, { cgSteps: 0 }, 'cgSteps');
test(refused, { nonnegative: true, balance: true }, 'balance');
test(refused, { solver: 'cholesky', overrelaxation: true }, 'overrelaxation');
test(refused, { nonnegative: true, start: 'sketch' }, 'start');
test(
  refused,
  {
    start: 'sketch',
    initialFactors: { userFactors: new Float32Array(2), itemFactors: new Float32Array(2) },
  },
  'start',
);
test(refused, { rank: 513, solver: 'cholesky' }, 'rank');
test(refused, { rank: 2049, solver: 'subspace' }, 'rank');
for (const subspaceSize of [0, 4, 12, 136]) test(refused, { subspaceSize }, 'subspaceSize');
test(refused, { seed: -1 }, 'seed');
test(refused, { seed: 2 ** 32 }, 'seed');
test(refused, { blocks: 257 }, 'blocks');
test(refused, { kernel: 'cuda' }, 'kernel');
test(refused, { kernel: 'gpu', solver: 'cholesky' }, 'solver');
test(refused, { kernel: 'gpu', nonnegative: true }, 'nonnegative');
test(refused, { feedback: 'both' }, 'feedback');
test(refused, { initialFactors: { userFactors: [1, 2] } }, 'initialFactors');
test(refused, { factors: 20 }, 'factors');
test(refused, { feedback: 'explicit', alpha: 40 }, 'alpha');
test(refused, { feedback: 'explicit', objective: 'ials' }, 'objective');
test(refused, { objective: 'als' }, 'objective');
test(refused, { biases: true }, 'biases');
test(refused, { globalMean: true }, 'globalMean');
test(refused, { feedback: 'explicit', biases: 1 }, 'biases');
test(refused, { nonnegative: 'yes' }, 'nonnegative');
for (const solver of ['cg', 'subspace']) test(refused, { nonnegative: true, solver }, 'solver');
test(refused, { feedback: 'explicit', nonnegative: true, biases: true }, 'biases');
test(refused, { feedback: 'explicit', nonnegative: true, globalMean: true }, 'globalMean');
for (const initialScale of [0, -1, Number.NaN]) test(refused, { initialScale }, 'initialScale');
const factors = { userFactors: Float32Array.of(1, -1), itemFactors: Float32Array.of(1, 1) };
test(refused, { nonnegative: true, initialFactors: factors }, 'initialFactors.userFactors');
const biased = { ...factors, userBiases: Float32Array.of(1, 1) };
test(refused, { initialFactors: biased }, 'initialFactors.userBiases');
test(refused, { initialFactors: { ...factors, itemBiases: [1, 1] } }, 'initialFactors');
