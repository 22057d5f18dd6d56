import test from 'ava';
import { defaultFigures } from '../../../actors/planning/default-figures.js';
import { chanceOfOne } from '../../../actors/planning/degree-curve.js';
import { fitSeconds, fitTerms, type MeasuredTask } from '../../../actors/planning/fit-seconds.js';
import { resolveCluster, shapeOfRatings } from '../../../actors/planning/plan-input.js';
import { planTraining } from '../../../actors/planning/plan-training.js';
import { rowArrival } from '../../../actors/planning/row-arrival.js';
import { nothingCarried, type Traffic } from '../../../actors/planning/row-traffic.js';
import { solveSeconds } from '../../../actors/planning/solve-seconds.js';
import { capacitiesOf } from '../../../actors/planning/transfer-resources.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { randomAt } from '../../../src/random.js';
import { syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';
import { createJob } from '../../../src/training/job.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';

/** Figures by which messages take no processor's time. */
const noMessages = {
  ...defaultFigures,
  road: {
    ...defaultFigures.road,
    messages: {
      supervisor: { seconds: {}, residuals: [] },
      server: { seconds: {}, residuals: [] },
      node: { seconds: {}, residuals: [] },
    },
  },
};

const spotify = { users: 320e6, items: 70e6, ratings: 30e9 };

test('what a node receives, routed and broadcast, of 30 billion ratings', (t) => {
  const gigabytes = (nodes: number, routing: 'broadcast' | 'routed') => {
    const cluster = { nodes, threads: 2, road: 'direct', routing } as const;
    return planTraining({ ...spotify, blocks: 2 * nodes }, cluster).bytes.perNode / 1e9;
  };

  // Counted by another program with the same distributions: 41 and 8.4 GB, and 99 of 99.84 GB.
  t.true(Math.abs(gigabytes(100, 'routed') - 41) < 1, `${gigabytes(100, 'routed')}`);
  t.true(Math.abs(gigabytes(1000, 'routed') - 8.4) < 0.2, `${gigabytes(1000, 'routed')}`);
  t.true(Math.abs(gigabytes(100, 'broadcast') - 98.84) < 0.01);
});

test('usual rows are as long as those of made-up ratings, and as many are needed', (t) => {
  const made = syntheticRatings({ users: 3000, items: 1000, count: 60_000, seed: 3 });
  const { degrees } = shapeOfRatings(made);
  const sizes = { users: 3000, items: 1000, ratings: 60_000 };
  const plans = [planTraining(sizes), planTraining({ ...sizes, degrees })];

  t.is(degrees.user.entries, 60_000);
  t.is(degrees.item.entriesBefore(10), made.byItem.offsets[10]);
  const [usual, exact] = plans.map(({ seconds }) => seconds.solve);
  t.true(Math.abs(usual! / exact! - 1) < 0.05, `${usual} beside ${exact}`);
  const columns = made.byUser.columns.filter((_, at) => at % 10 === 0);
  const needed = degrees.item.neededRows(0.1);
  t.true(Math.abs(needed / new Set(columns).size - 1) < 0.15, `${needed}`);
  t.is(chanceOfOne(1, 3), 1);
});

test('a job on one machine has the memory that it is laid out in', (t) => {
  const ratings = syntheticRatings({ users: 300, items: 200, count: 6_000, seed: 1 });
  const kernel = chooseKernel('wasm');
  const settings = settingsAsInPaper({ rank: 20, kernel: 'wasm' });
  const before = ratings.arena.usedBytes;
  const job = createJob({ ratings, settings, kernel, slots: 1 });
  const { scratch } = job.layout;
  const taken = ratings.arena.usedBytes - before - scratch.slots * scratch.slotBytes;

  const { memory } = planTraining({ ...shapeOfRatings(ratings), rank: 20 });

  t.is(memory.parts, 1);
  t.is(memory.factors, taken);
  // What is in the arena before: both orientations, and 4 bytes for the position of each row.
  t.true(Math.abs(memory.ratings + 4 * 500 - before) < 500, `${memory.ratings} and ${before}`);
});

test('parts, the server and the blocks are named where they are the limit', (t) => {
  const plan = planTraining(spotify, { nodes: 1000, threads: 16 });
  const direct = planTraining(spotify, { nodes: 1000, threads: 16, road: 'direct' });

  t.true(plan.memory.parts > 1);
  t.regex(plan.advice.join(' '), /at most 256 blocks/);
  t.regex(plan.advice.join(' '), /transfers from node to node/);
  t.true(direct.seconds.transfer < plan.seconds.transfer / 100);
  const { iteration, ...parts } = plan.seconds;
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  t.true(Math.abs(sum / iteration - 1) < 1e-9);
  t.false(planTraining(spotify, { memoryBytes: 64e9 }).fits);
});

test('the most popular item can be as popular as it is said to be', (t) => {
  const hit = planTraining({ ...spotify, longestItemRow: 100e6, blocks: 1000 }, { nodes: 1000 });

  t.is(hit.slowest.block.rows, 1);
  t.is(hit.slowest.block.side, 'item');
  t.throws(() => planTraining({ ...spotify, longestItemRow: 1 }), {
    instanceOf: InvalidOptionError,
  });
});

test('the fit finds the seconds that tasks are made of, and none below 0', (t) => {
  const task = (at: number): MeasuredTask => {
    const draw = (n: number) => randomAt(5, n, at);
    const size = {
      ...({ solver: 'cg', cgSteps: 2, subspaceSize: 32, isMeasured: draw(0) < 0.5 } as const),
      rank: 8 + Math.floor(200 * draw(1)),
      rows: 1 + Math.floor(1000 * draw(2)),
      ratedRows: 1 + Math.floor(1000 * draw(2) * draw(5)),
      ratings: Math.floor(50_000 * draw(3)),
      fixedRows: 1 + Math.floor(100_000 * draw(4)),
      farShare: draw(6),
    };
    return { ...size, seconds: solveSeconds(defaultFigures, size) };
  };
  const exact = Array.from({ length: 60 }, (_, at) => task(at));
  const noisy = exact.map((each, at) => ({
    ...each,
    seconds: each.seconds * (0.9 + 0.2 * randomAt(6, 0, at)),
  }));

  for (const tasks of [exact, noisy]) {
    const { seconds } = fitSeconds(tasks);
    t.true(Object.values(seconds).every((each) => each >= 0));
    for (const each of exact) {
      const solve = { ...defaultFigures.solve, cg: { seconds, residuals: [] } };
      const found = solveSeconds({ solve }, each);
      t.true(Math.abs(found / each.seconds - 1) < (tasks === exact ? 1e-3 : 0.15));
    }
  }
});

test('a plan tells how many iterations to expect, and takes as many unless it is told', (t) => {
  const shape = { users: 1e5, items: 2e4, ratings: 1e7 };
  const [usual, random, exact, told] = [
    planTraining(shape),
    planTraining({ ...shape, start: 'random' }),
    planTraining({ ...shape, solver: 'cholesky' }),
    planTraining({ ...shape, iterations: 3 }),
  ];

  const { lists, loss, basis } = usual.expectedIterations;
  for (const { low, median, high } of [lists, loss]) t.true(low <= median && median <= high);
  t.regex(basis, /MovieLens/);
  // docs/solvers.md: a sketch saves two to three iterations.
  t.true(random.expectedIterations.lists.median > lists.median);
  t.is(usual.shape.iterations, lists.median);
  t.is(exact.shape.iterations, exact.expectedIterations.lists.median);
  t.is(random.startSeconds, 0);
  // A sketch reads all ratings as often as two iterations do, and solves nothing.
  t.true(usual.startSeconds > 0 && usual.startSeconds < 2 * usual.seconds.iteration);
  t.is(told.totalSeconds, told.startSeconds + 3 * told.seconds.iteration);
});

test('nodes on one machine share its cores with the server and the supervisor', (t) => {
  const shape = { users: 1e4, items: 5e3, ratings: 1e6 };
  const cluster = { nodes: 2, threads: 1 };
  const [apart, together] = [
    planTraining(shape, cluster),
    planTraining(shape, { ...cluster, onOneMachine: true }),
  ];

  t.true(together.seconds.report > apart.seconds.report);
  // Of both nodes, the server and the supervisor, on two cores.
  const crowded = planTraining(shape, { nodes: 4, threads: 1, onOneMachine: true });
  t.true(crowded.seconds.solve > 0.9 * together.seconds.solve);
  t.true(crowded.seconds.iteration > together.seconds.iteration);
});

test('what is drawn from residuals takes as long as what was fitted', (t) => {
  const tasks = Array.from({ length: 200 }, (_, at) => ({
    terms: { one: 1, size: 1 + at },
    seconds: (1 + at) * (0.5 + 2 * randomAt(8, 0, at)),
  }));
  const { residuals } = fitTerms(tasks);

  const steps = residuals.slice(1).map((each, at) => (each + residuals[at]!) / 2);
  const mean = steps.reduce((sum, each) => sum + each, 0) / steps.length;
  t.true(Math.abs(mean - 1) < 1e-9, `${mean}`);
  t.true(residuals.every((each, at) => at === 0 || each >= residuals[at - 1]!));
});

test('sizes that cannot be are refused', (t) => {
  const plan =
    (shape: object, cluster: object = {}) =>
    () =>
      planTraining({ users: 10, items: 10, ratings: 50, ...shape }, cluster);

  for (const wrong of [
    plan({ ratings: 101 }),
    plan({ users: undefined }),
    plan({ rank: 0 }),
    plan({ rank: 600, solver: 'cg' }),
    plan({ subspaceSize: 12 }),
    plan({ degrees: {} }),
    plan({ color: 1 }),
    plan({}, { nodes: 0 }),
    plan({}, { memoryBytes: Number.NaN }),
  ]) {
    t.throws(wrong, { instanceOf: InvalidOptionError });
  }
  t.throws(() => planTraining({ users: 10, items: 10, ratings: 50 }, {}, {} as never), {
    instanceOf: InvalidOptionError,
  });
  t.notThrows(plan({}));
});

test('a process without threads is planned apart from one thread, and is refused on nodes', (t) => {
  const shape = { users: 1e5, items: 2e4, ratings: 1e7 };
  const [none, one] = [planTraining(shape, { threads: 0 }), planTraining(shape, { threads: 1 })];

  t.deepEqual([none.cluster.threads, none.cluster.inProcess], [1, true]);
  t.false(one.cluster.inProcess);
  t.is(none.seconds.solve, one.seconds.solve);
  t.true(none.seconds.report < one.seconds.report);
  t.throws(() => planTraining(shape, { nodes: 2, threads: 0 }), {
    instanceOf: InvalidOptionError,
  });
});

test('rows arrive one block after another, and none before it is solved', (t) => {
  const cluster = resolveCluster({ nodes: 2, threads: 2, road: 'direct' }, defaultFigures);
  const block = (node: string, at: number, seconds: number) => ({
    ...{ node, at },
    traffic: { ...nothingCarried, sent: seconds * 1.8e9 },
  });

  // Node 0 waits for its second block, node 1 for its card.
  const blocks = [block('0', 10, 3), block('1', 1, 4), block('1', 2, 4), block('0', 1, 5)];
  const { at, carrier } = rowArrival(blocks, cluster, defaultFigures);
  t.is(carrier, 'nodes send');
  t.true(Math.abs(at - 13) < 0.01, `${at}`);
});

test('the next block of a node waits for what carries the last one most slowly', (t) => {
  const cluster = resolveCluster({ nodes: 2, threads: 1 }, defaultFigures);
  const { 'server sends': server, 'supervisor sends': supervisor } = capacitiesOf(
    cluster,
    defaultFigures,
  );
  const block = (node: string, at: number, traffic: Partial<Traffic>) => ({
    ...{ node, at },
    traffic: { ...nothingCarried, ...traffic },
  });
  const ofNode = (node: string) => [
    block(node, 1, { serverOut: 5 * server }),
    block(node, 2, { supervisorOut: 4 * supervisor }),
  ];

  // 1 s until they are solved, 10 s through the server, then 8 s out of the supervisor.
  const { at } = rowArrival([...ofNode('0'), ...ofNode('1')], cluster, noMessages);
  t.true(Math.abs(at - 19) < 0.01, `${at}`);
});

test('rows without ratings take little, with the solvers that factorise a matrix for each row', (t) => {
  const task = { rank: 96, cgSteps: 2, subspaceSize: 32, fixedRows: 5000, farShare: 0.5 };
  for (const solver of ['cholesky', 'subspace'] as const) {
    const seconds = (ratedRows: number) =>
      solveSeconds(defaultFigures, {
        ...task,
        solver,
        isMeasured: false,
        rows: 1000,
        ratings: 1000,
        ratedRows,
      });
    t.true(seconds(100) < seconds(1000) / 2, solver);
  }
});
