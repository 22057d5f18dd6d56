import test from 'ava';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { Recommendation } from '../../../src/model/recommender.js';
import { Generation } from '../../../src/server/generation.js';
import type { Plan } from '../../../src/server/plan.js';
import { WorkQueue } from '../../../src/server/work-queue.js';
import { randomModel } from '../../helpers/builders/models.js';

const shape = { rank: 12, users: 40, items: 400 };
const users = Array.from({ length: 40 }, (_, user) => user);

test('lists that wait share searches, and are those that each gets alone', async (t) => {
  const { queue, generation, shared } = await queueOf();

  const made = await Promise.all(users.map((user) => queue.run(() => planFor(user))));

  t.deepEqual(
    made.map(({ result }) => result),
    users.map((user) => generation.model.recommend(user, { count: 5 })),
  );
  t.true(Math.max(...shared) <= 8 && shared.length < users.length, `${shared}`);
});

test('a list that nothing waits behind is made alone', async (t) => {
  const { queue, shared } = await queueOf();

  await queue.run(() => planFor(3));

  t.deepEqual(shared, [1]);
});

test('lists of two generations never share a search', async (t) => {
  const { queue, generation, shared } = await queueOf();
  const other = await generationOf(2);

  const made = await Promise.all(
    users.map((user) => queue.run(() => planFor(user), user % 3 === 0 ? other : undefined)),
  );

  for (const [user, { generation: number, result }] of made.entries()) {
    const { model } = user % 3 === 0 ? other : generation;
    t.is(number, user % 3 === 0 ? 2 : 1);
    t.deepEqual(result, model.recommend(user, { count: 5 }));
  }
  t.true(Math.max(...shared) <= 2, `${shared}`);
});

test('work that fails at any point fails alone', async (t) => {
  const { queue, generation } = await queueOf();
  const fails = (): never => {
    throw new RangeError('as wanted');
  };

  const made = await Promise.allSettled([
    queue.run(() => planFor(1)),
    queue.run(fails),
    queue.run(() => planFor('nobody')),
    queue.run(() => ({ ...planFor(2), finish: fails })),
    queue.run((): Plan<number> => ({ request: undefined, finish: ({ length }) => length })),
    queue.run(() => planFor(3)),
  ]);

  const values = made.map((each) =>
    each.status === 'fulfilled' ? each.value.result : each.reason.name,
  );
  t.deepEqual(values, [
    generation.model.recommend(1, { count: 5 }),
    'RangeError',
    'UnknownIdError',
    'RangeError',
    0,
    generation.model.recommend(3, { count: 5 }),
  ]);
});

test('a fault of a search fails all that share it, and nothing else', async (t) => {
  const { queue, generation } = await queueOf();
  generation.model.recommendTogether = () => {
    throw new RangeError('as wanted');
  };

  const made = await Promise.allSettled([
    queue.run(() => planFor(1)),
    queue.run(() => planFor(2)),
    queue.run((): Plan<number> => ({ request: undefined, finish: () => 7 })),
  ]);

  t.deepEqual(
    made.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
});

async function queueOf() {
  const generation = await generationOf(1);
  const shared: number[] = [];
  const together = generation.model.recommendTogether.bind(generation.model);
  generation.model.recommendTogether = (requests) => {
    shared.push(requests.length);
    return together(requests);
  };
  const queue = new WorkQueue({
    ...{ maxWaiting: 100, current: () => generation },
    metrics: { waited() {}, scanned() {} },
  });
  return { queue, generation, shared };
}

async function generationOf(number: number): Promise<Generation> {
  const model: FactorModel = randomModel({ ...shape, seed: number });
  await model.buildIndex();
  return new Generation(number, model, undefined, 0);
}

function planFor(user: number | string): Plan<Recommendation[]> {
  return { request: { user, options: { count: 5 } }, finish: (list) => [...list] };
}
