import test, { type ExecutionContext } from 'ava';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { randomAt } from '../../../src/random.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { type PhaseId, phasesOf, tasksOf } from '../../../src/training/phases.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { factorsOf, openJob, randomRatings, ratingsOf } from '../../helpers/builders/jobs.js';

/** Users of a group rate all of its items and nothing else. */
const groups = [
  { users: 4, items: 3 },
  { users: 5, items: 7 },
  { users: 9, items: 2 },
];

test('items of a group start alike, dimensions at right angles, and users at zero', (t) => {
  const { users, items } = startOf(groupedRatings(), { rank: 3 });

  t.true(users.flat().every((element) => element === 0));
  const groupOf = groups.flatMap(({ items }, group) => new Array<number>(items).fill(group));
  for (const [i, item] of items.entries()) {
    for (const [j, other] of items.entries()) {
      const cosine = dot(item, other) / Math.sqrt(dot(item, item) * dot(other, other));
      if (groupOf[i] === groupOf[j]) near(t, cosine, 1, `items ${i} and ${j}`);
      else t.true(Math.abs(cosine) < 0.9, `items ${i} and ${j}`);
    }
  }
  const columns = [0, 1, 2].map((k) => items.map((item) => item[k]!));
  for (const k of [0, 1, 2]) near(t, dot(columns[k]!, columns[(k + 1) % 3]!), 0, `dimension ${k}`);
  const lengths = items.map((item) => dot(item, item));
  near(t, lengths.reduce((sum, length) => sum + length, 0) / items.length, 1, 'mean length');
});

test('dimensions that the ratings do not have start at random', (t) => {
  const ratings = groupedRatings();
  const random = openJob(referenceKernel, ratings, { rank: 5 });

  const { items } = startOf(ratings, { rank: 5 });

  const last = ([, , , fourth, fifth]: number[]) => [fourth, fifth];
  t.deepEqual(items.map(last), factorsOf(random.job, 'item', 0).map(last));
});

test('ratings that aim at nothing start at random', (t) => {
  const ratings = ratingsOf(
    [0, 1, 2].map((user) => [user, user, 0] as const),
    3,
    3,
  );
  const { job } = openJob(referenceKernel, ratings, { rank: 2 });

  const start = startOf(ratings, { rank: 2 });

  t.deepEqual(start.items, factorsOf(job, 'item', 0));
  t.deepEqual(start.users, factorsOf(job, 'user', 0));
});

test('biases start at 0, and what is pinned at 1', (t) => {
  const ratings = randomRatings({ users: 20, items: 15, density: 0.3 });

  const { users, items } = startOf(ratings, { rank: 3, feedback: 'explicit' });

  t.true(
    users.every((row) => `${row}` === '0,0,0,0,1' || `${row}` === '0,0,0,1,0'),
    `${users[0]}`,
  );
  t.true(items.every(([, , , a, b]) => a! + b! === 1 && a! * b! === 0));
});

for (const options of [
  { alpha: 3 },
  { objective: 'ials', alpha: 1, unobservedWeight: 0.1 },
  { feedback: 'explicit' },
] satisfies JobOptions[]) {
  test(`WASM makes the means that the reference makes: ${JSON.stringify(options)}`, (t) => {
    // Rows of no, few and many entries.
    const ratings = raggedRatings();
    const settings = { rank: 9, blocks: 3, ...options };
    const [exact, quick] = [referenceKernel, chooseKernel('wasm')].map((kernel) =>
      rawSketch(kernel, ratings, settings),
    );

    for (const [at, row] of exact!.entries()) {
      const length = Math.sqrt(dot(row, row));
      for (const [i, element] of row.entries()) {
        const error = Math.abs(quick![at]![i]! - element);
        t.true(error <= 1e-5 * length, `row ${at}, element ${i}: ${quick![at]![i]}, ${element}`);
      }
    }
  });
}

test('a raised stop flag ends a sketch', (t) => {
  for (const kernel of [referenceKernel, chooseKernel('wasm')]) {
    const { job, solver } = openJob(kernel, groupedRatings(), { rank: 2 });
    new Int32Array(job.layout.memory.buffer, job.layout.stopFlag, 1)[0] = 1;
    t.is(solver.run({ kind: 'sketch', iteration: -1, side: 'user', block: 0 }, 0), undefined);
  }
});

test('the first iteration from a sketch is ahead of the second from random factors', (t) => {
  const ratings = raggedRatings();
  const losses = (['sketch', 'random'] as const).map((start) => {
    const options = { rank: 8, alpha: 4, regularization: 5, iterations: 2, start };
    const { job, solver } = openJob(chooseKernel('wasm'), ratings, options);
    return runInPlace(job, solver).map(({ loss }) => loss.total);
  });

  t.true(losses[0]![0]! < losses[1]![1]!, `${losses}`);
});

/** Starting factors, by position. */
function startOf(ratings: Ratings, options: JobOptions) {
  const { job, solver } = openJob(referenceKernel, ratings, { ...options, start: 'sketch' });
  const reducer = new PhaseReducer(job);
  for (const phase of sketchPhases(job)) {
    reducer.close(
      phase,
      tasksOf(job.layout, phase).map((task) => solver.run(task, 0)!),
    );
  }
  return { users: factorsOf(job, 'user', 0), items: factorsOf(job, 'item', 0) };
}

/** What the phases leave before the end, without coordinates of biases, by position. */
function rawSketch(kernel: Kernel, ratings: Ratings, options: JobOptions & { rank: number }) {
  const { job, solver } = openJob(kernel, ratings, { ...options, start: 'sketch' });
  for (const phase of sketchPhases(job)) {
    for (const task of tasksOf(job.layout, phase)) solver.run(task, 0);
  }
  return factorsOf(job, 'item', 0).map((row) => row.slice(0, options.rank));
}

function sketchPhases(job: Parameters<typeof phasesOf>[0]): PhaseId[] {
  return [...phasesOf(job, 1)].filter(({ kind }) => kind === 'sketch');
}

function groupedRatings(): Ratings {
  const cells: [number, number, number][] = [];
  const first = { user: 0, item: 0 };
  for (const { users, items } of groups) {
    for (let user = 0; user < users; user++) {
      for (let item = 0; item < items; item++) {
        cells.push([first.user + user, first.item + item, items]);
      }
    }
    first.user += users;
    first.item += items;
  }
  return ratingsOf(cells, first.user, first.item);
}

/** Half of the users rate few items, others up to 300; one user and one item have nothing. */
function raggedRatings(): Ratings {
  const cells: [number, number, number][] = [];
  for (let user = 0; user < 120; user++) {
    for (let item = 0; item < 400; item++) {
      const isOfTaste = (user + item) % 4 === 0;
      const share = (isOfTaste ? 0.75 : 0.1) * (user % 2 === 0 ? 0.06 : 1);
      if (user === 7 || item === 11 || randomAt(5, user, item) >= share) continue;
      cells.push([user, item, 1 + Math.floor(5 * randomAt(6, user, item))]);
    }
  }
  return ratingsOf(cells, 120, 400);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, element, i) => sum + element * b[i]!, 0);
}

function near(t: ExecutionContext, found: number, expected: number, what: string): void {
  t.true(Math.abs(found - expected) < 1e-6, `${what}: ${found}, not ${expected}`);
}
