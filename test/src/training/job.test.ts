import test from 'ava';
import {
  InvalidOptionError,
  InvalidRatingError,
  MemoryLimitError,
  TooFewRatingsError,
} from '../../../src/errors.js';
import { stepLength } from '../../../src/kernels/job-layout.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { JobOptions } from '../../../src/training/options.js';
import { factorsOf, openJob, ratingsOf } from '../../helpers/builders/jobs.js';

const few = () =>
  ratingsOf(
    [
      [0, 0, 1],
      [1, 1, 2],
    ],
    2,
    2,
  );

for (const [start, lengths] of [
  ['sketch', [1, 1.25, 1.4, 1.5]],
  ['random', [1, 1, 1.2, 1 + 1 / 3]],
] as const) {
  test(`rows go beyond where cg leads soon after the start: ${start}`, (t) => {
    const lengthsOf = (options: JobOptions) => {
      const { job } = openJob(referenceKernel, few(), { ...options, solver: 'cg', start });
      return [1, 2, 3, 4].map((iteration) => stepLength(job.layout, iteration));
    };

    t.deepEqual(lengthsOf({ overrelaxation: true }), [...lengths]);
    t.deepEqual(lengthsOf({ overrelaxation: false }), [1, 1, 1, 1]);
  });
}

test('a negative rating is refused with implicit feedback only', (t) => {
  const ratings = () =>
    ratingsOf(
      [
        [0, 0, 1],
        [1, 1, -2],
      ],
      2,
      2,
    );

  t.throws(() => openJob(referenceKernel, ratings(), {}), {
    instanceOf: InvalidRatingError,
    code: 'ERR_INVALID_RATING',
  });
  t.notThrows(() => openJob(referenceKernel, ratings(), { feedback: 'explicit' }));
});

test('ratings that are Unix times are refused before training, in any unit', (t) => {
  for (const unit of [1, 1e3, 1e6]) {
    const times = ratingsOf(
      [0, 1, 2].map((n) => [n, n, (1.6e9 + n * 1e6) * unit] as const),
      3,
      3,
    );
    const error = t.throws(() => openJob(referenceKernel, times, {}), {
      instanceOf: InvalidRatingError,
      code: 'ERR_INVALID_RATING',
    });
    t.regex(error!.message, /since 1970: is this a time\?.*timestamp: 'that column'.*divide/);
  }
});

test('large counts are no times', (t) => {
  const counts = ratingsOf(
    [1, 352_698, 2e9].map((count, n) => [n, n, count] as const),
    3,
    3,
  );
  t.notThrows(() => openJob(referenceKernel, counts, {}));
});

test('starting factors that float32 cannot hold are refused', (t) => {
  for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY, 1e39]) {
    const initialFactors = {
      userFactors: Float64Array.of(1, wrong),
      itemFactors: Float64Array.of(1, 2),
    };
    const error = t.throws(() => openJob(referenceKernel, few(), { rank: 1, initialFactors }), {
      instanceOf: InvalidOptionError,
    });
    t.is(error?.option, 'initialFactors.userFactors');
  }
});

for (const [what, cells, users, items] of [
  [
    'a single user',
    [
      [0, 0, 1],
      [0, 1, 1],
    ],
    1,
    2,
  ],
  [
    'a single item',
    [
      [0, 0, 1],
      [1, 0, 1],
    ],
    2,
    1,
  ],
  ['no rating', [], 2, 2],
] as const) {
  test(`${what} is too little to learn from`, (t) => {
    t.throws(() => openJob(referenceKernel, ratingsOf(cells, users, items), {}), {
      instanceOf: TooFewRatingsError,
      code: 'ERR_TOO_FEW_RATINGS',
    });
  });
}

test('a job that WebAssembly cannot address says how much it needs, and takes nothing', (t) => {
  const ratings = ratingsFromColumns({
    users: [0, 1],
    items: [0, 1],
    userCount: 2_000_000,
    itemCount: 2,
  });
  const before = ratings.arena.usedBytes;

  const error = t.throws(() => openJob(referenceKernel, ratings, { rank: 512 }), {
    instanceOf: MemoryLimitError,
    code: 'ERR_MEMORY_LIMIT',
  });

  // Two generations of 2,000,000 × 512 float64.
  t.true(error!.neededBytes > 2 * 2_000_000 * 512 * 8);
  t.is(error!.limitBytes, 2 ** 32 - 65_536);
  t.is(ratings.arena.usedBytes, before);
});

test('releasing a job gives all its memory back, and another run starts from zeroed memory', (t) => {
  const ratings = few();
  const before = ratings.arena.usedBytes;
  const first = openJob(referenceKernel, ratings, { rank: 3 });
  const start = factorsOf(first.job, 'user', 0);

  first.job.release();

  t.is(ratings.arena.usedBytes, before);
  t.deepEqual(factorsOf(openJob(referenceKernel, ratings, { rank: 3 }).job, 'user', 0), start);
});

test('starting factors depend on the seed, the side and the position', (t) => {
  const start = (seed: number, side: 'user' | 'item') =>
    factorsOf(openJob(referenceKernel, few(), { rank: 3, seed }).job, side, 0);

  t.deepEqual(start(1, 'user'), start(1, 'user'));
  t.notDeepEqual(start(1, 'user'), start(2, 'user'));
  t.notDeepEqual(start(1, 'user'), start(1, 'item'));
  t.notDeepEqual(start(1, 'user')[0], start(1, 'user')[1]);
});

test('initial factors of the wrong size are refused', (t) => {
  const initialFactors = { userFactors: new Float32Array(5), itemFactors: new Float32Array(6) };

  t.throws(() => openJob(referenceKernel, few(), { rank: 3, initialFactors }), {
    instanceOf: InvalidOptionError,
    code: 'ERR_INVALID_OPTION',
  });
});

test('starting factors scale with initialScale, and have no sign with nonnegative', (t) => {
  const start = (options: JobOptions) =>
    factorsOf(openJob(referenceKernel, few(), { rank: 3, ...options }).job, 'user', 0).flat();

  const plain = start({});

  for (const [i, element] of start({ initialScale: 0.2 }).entries()) {
    t.true(Math.abs(element - 2 * plain[i]!) <= 1e-15);
  }
  t.deepEqual(start({ nonnegative: true }), plain.map(Math.abs));
});

test('rows with biases start from a bias of 0, or from the one that is given', (t) => {
  const initialFactors = {
    userFactors: Float32Array.of(1, 2),
    itemFactors: Float32Array.of(3, 4),
    userBiases: Float32Array.of(5, 6),
  };
  const options = { rank: 1, feedback: 'explicit', initialFactors } as const;

  const { job } = openJob(referenceKernel, few(), options);

  t.deepEqual(factorsOf(job, 'user', 0), [
    [1, 5, 1],
    [2, 6, 1],
  ]);
  t.deepEqual(factorsOf(job, 'item', 0), [
    [3, 1, 0],
    [4, 1, 0],
  ]);
});

test('initial biases of the wrong size are refused', (t) => {
  const initialFactors = {
    userFactors: new Float32Array(2),
    itemFactors: new Float32Array(2),
    itemBiases: new Float32Array(3),
  };
  const options = { rank: 1, feedback: 'explicit', initialFactors } as const;

  const error = t.throws(() => openJob(referenceKernel, few(), options), {
    instanceOf: InvalidOptionError,
  });

  t.is(error?.option, 'initialFactors.itemBiases');
});
