import test from 'ava';
import fc from 'fast-check';
import { InvalidOptionError, UnknownIdError } from '../../../../src/errors.js';
import { openRanker } from '../../../../src/kernels/wasm/ranking.js';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';
import { wasmKernel } from '../../../../src/kernels/wasm/wasm-kernel.js';
import { rankAllInPlace } from '../../../../src/model/ranking/parted-ranking.js';
import { anyFilter, anyShape } from '../../../helpers/builders/any-model.js';
import { heavyTailedRatings } from '../../../helpers/builders/heavy-tailed-ratings.js';
import { inSeveralMemories } from '../../../helpers/builders/in-several-memories.js';
import { ratingsOf } from '../../../helpers/builders/jobs.js';
import {
  listsOneByOne,
  modelOf,
  randomModel,
  trainedModel,
} from '../../../helpers/builders/models.js';

test('any model gives all users the lists of single users, to the last bit and tie', (t) => {
  fc.assert(
    fc.property(anyShape(), anyFilter, (shape, options) => {
      const model = randomModel(shape);

      t.deepEqual([...model.recommendAll(options)], listsOneByOne(model, options));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('items in several memories give the same lists', (t) => {
  let most = 0;
  fc.assert(
    fc.property(anyShape(), anyFilter, (shape, options) => {
      const model = randomModel(shape);
      const job = inSeveralMemories(model, options, { slots: 1, windows: 1 });
      most = Math.max(most, job.others.length);

      t.deepEqual([...rankAllInPlace(job)], listsOneByOne(model, options));
    }),
    { seed: 2, numRuns: 12 },
  );
  t.true(most > 0);
});

test('models of heavy-tailed ratings are no different at any rank from 1 to 130', (t) => {
  const ratings = heavyTailedRatings({ communities: 3, users: 6, items: 80 });
  const kernel = wasmKernel(fastestBuild());

  for (let rank = 1; rank <= 130; rank++) {
    const options = { rank, iterations: 1 + (rank % 3), alpha: 5, regularization: 1, blocks: 1 };
    const model = trainedModel(ratings, options, kernel);
    for (const count of [2, 5]) {
      const lists = [...model.recommendAll({ count })];
      t.deepEqual(lists, listsOneByOne(model, { count }), `rank ${rank}, count ${count}`);
    }
  }
});

test('a user whose products are too many alike takes no memory of the next user (11)', (t) => {
  const cells: [number, number, number][] = Array.from({ length: 60 }, (_, item) => [0, item, 1]);
  cells.push([1, 0, 1]);
  for (let user = 0; user < 4; user++) {
    for (let item = 0; item < 20; item++) {
      if ((7 * user + 5 * item) % 3 !== 0) cells.push([2 + user, 60 + item, 1]);
    }
  }

  for (const iterations of [1, 2, 5, 15]) {
    for (const solver of ['cg', 'cholesky'] as const) {
      const options = { rank: 8, alpha: 5, regularization: 1, iterations, solver };
      const model = trainedModel(ratingsOf(cells, 6, 80), options, wasmKernel(fastestBuild()));
      t.deepEqual([...model.recommendAll({ count: 2 })], listsOneByOne(model, { count: 2 }));
    }
  }
});

test('many users and items are no different', (t) => {
  const model = randomModel({ rank: 10, users: 1500, items: 3000, distinctItems: 2500 });

  t.deepEqual([...model.recommendAll({ count: 20 })], listsOneByOne(model, { count: 20 }));
});

test('one item far longer than the others is no different', (t) => {
  const model = randomModel({ rank: 8, users: 40, items: 500 });
  model.itemFactors.fill(1e6, 8 * 250, 8 * 251);

  t.deepEqual([...model.recommendAll()], listsOneByOne(model));
});

test('scores that overflow, and rows that are not numbers, are no different', (t) => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const model = modelOf(
    2,
    Float32Array.of(1, 1, 3e38, 3e38, -3e38, 1, nan, 1, infinity, 0, 1e-30, 1e-30),
    Float32Array.of(1, 2, 3e38, 1, nan, 4, infinity, 1, -infinity, 1, -1e-30, 1e-35, 0, 0, 2, 1),
  );

  t.deepEqual([...model.recommendAll()], listsOneByOne(model));
});

test('a score that rounds to minus zero ties with zero and stays minus zero', (t) => {
  const model = modelOf(1, Float32Array.of(1e-30), Float32Array.of(-1e-30, 1e-30, -1, 0));

  t.deepEqual(
    [...model.recommendAll()].flatMap(({ recommendations }) => recommendations),
    [
      { itemId: 0, score: -0 },
      { itemId: 1, score: 0 },
      { itemId: 3, score: 0 },
      { itemId: 2, score: Math.fround(-1e-30) },
    ],
  );
});

test('lists come in the order of the given users', (t) => {
  const model = randomModel({ rank: 5, users: 9, items: 30 });
  const users = [7, 2, 7];

  t.deepEqual([...model.recommendAll({ users })], listsOneByOne(model, { users }));
  t.deepEqual([...model.recommendAll({ users: [] })], []);
});

test('users that are unknown, or no iterable, are errors', (t) => {
  const model = randomModel({ rank: 2, users: 3, items: 3 });

  t.throws(() => model.recommendAll({ users: [3] }).next(), {
    instanceOf: UnknownIdError,
    code: 'ERR_UNKNOWN_ID',
  });
  for (const users of ['abc', 7 as never]) {
    t.throws(() => model.recommendAll({ users }).next(), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
  }
});

test('memory does not grow with the number of users', (t) => {
  const { itemFactors } = randomModel({ rank: 4, users: 1, items: 400 });
  const bytesFor = (users: number) => {
    const model = modelOf(4, new Float32Array(users * 4), itemFactors);
    const { layout } = model.prepareRanking({}, { slots: 1, windows: 2 });
    return layout.memory.buffer.byteLength;
  };

  t.is(bytesFor(800_000), bytesFor(400_000));
});

test('a task repeated over the output of a dead thread gives the same lists', (t) => {
  const model = randomModel({ rank: 6, users: 20, items: 90 });
  const job = model.prepareRanking({}, { slots: 1, windows: 1 });
  const { scratch, memory } = job.layout;
  const task = job.load(0, 0);
  new Uint8Array(memory.buffer, scratch.offset, scratch.slotBytes).fill(0xff);

  t.true(openRanker(job.layout).run(task, 0));

  t.deepEqual(job.read(0, 0), listsOneByOne(model));
});

test('stopping a job ends its tasks early', (t) => {
  const job = randomModel({ rank: 6, users: 20, items: 90 }).prepareRanking(
    {},
    { slots: 1, windows: 1 },
  );
  const task = job.load(0, 0);

  job.stop();

  t.false(openRanker(job.layout).run(task, 0));
});
