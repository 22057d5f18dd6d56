import { createHash } from 'node:crypto';
import test from 'ava';
import { defaultFigures } from '../../../actors/planning/default-figures.js';
import { planTraining } from '../../../actors/planning/plan-training.js';
import { shareFairly } from '../../../actors/planning/simulation/shared-transfers.js';
import {
  type SimulatedTraining,
  simulateTraining,
} from '../../../actors/planning/simulation/simulate-training.js';
import { InvalidOptionError } from '../../../src/errors.js';

const shape = { users: 100_000, items: 20_000, ratings: 10_000_000, iterations: 2 };
const cluster = { nodes: 4, threads: 4 };
/** Tasks take what the fit says. */
const exact = {
  ...defaultFigures,
  solve: { ...defaultFigures.solve, cg: { ...defaultFigures.solve.cg, residuals: [] } },
};

const phasesOf = ({ events }: SimulatedTraining) =>
  events.flatMap(({ event }) => (event.type === 'phase' ? [event] : []));
const faultsOf = ({ events }: SimulatedTraining) =>
  events.flatMap(({ event }) => (event.type === 'fault' ? [event] : []));

test('the same seed gives the same events, another one others', (t) => {
  const options = { stragglers: [{ node: 1, slowness: 3 }], lost: [{ node: 2, at: 0.05 }] };
  const first = simulateTraining(shape, cluster, options);

  t.deepEqual(simulateTraining(shape, cluster, options), first);
  t.notDeepEqual(
    simulateTraining(shape, cluster, { ...options, seed: 2 }).iterations,
    first.iterations,
  );
});

test('events are what they were, to nine digits', (t) => {
  const small = { users: 1e5, items: 2e4, ratings: 1e7, blocks: 64, iterations: 2 };
  const machines = { nodes: 8, threads: 8, road: 'direct' } as const;
  const options = { stragglers: [{ node: 1, slowness: 3 }], lost: [{ node: 2, at: 0.01 }] };
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(9)) : value;
  const text = JSON.stringify(simulateTraining(small, machines, options), rounded);

  // Figures and seed make them; a change of either, or of what is simulated, changes the hash.
  t.is(createHash('sha256').update(text).digest('hex').slice(0, 16), 'a5056fa5e2cc18ed');
});

test('with times as fitted, the threads of one machine take what is planned', (t) => {
  for (const threads of [0, 1, 8]) {
    const machine = { nodes: 1, threads };
    const { seconds } = planTraining(shape, machine, exact);
    const { iterations } = simulateTraining(shape, machine, { figures: exact });

    // The second iteration rewrites nothing, and a plan shares rewriting out.
    const planned = seconds.iteration - seconds.rotate;
    t.true(Math.abs(iterations[1]! / planned - 1) < 0.05, `${iterations[1]} beside ${planned}`);
  }
});

test('with times as fitted, nodes take what is planned, with few blocks and many', (t) => {
  for (const blocks of [64, 512]) {
    const job = { users: 3_000_000, items: 500_000, ratings: 1e8, iterations: 2, blocks };
    const machines = { nodes: 8, threads: 8, road: 'direct' } as const;
    const { seconds } = planTraining(job, machines, exact);
    const { iterations } = simulateTraining(job, machines, { figures: exact });

    const planned = seconds.iteration - seconds.rotate;
    t.true(Math.abs(iterations[1]! / planned - 1) < 0.05, `${iterations[1]} beside ${planned}`);
  }
});

test('every block of a phase is solved once, and no thread solves two at a time', (t) => {
  const { blocks } = planTraining(shape, cluster).shape;
  for (const phase of phasesOf(simulateTraining(shape, cluster))) {
    t.deepEqual(
      phase.blocks.map(({ block }) => block),
      Array.from({ length: blocks[phase.side] }, (_, block) => block),
    );
    const ends = new Map<string, number>();
    for (const each of [...phase.blocks].sort((a, b) => a.startSeconds - b.startSeconds)) {
      t.true(each.startSeconds >= (ends.get(each.ranOn) ?? 0) - 1e-9);
      ends.set(each.ranOn, each.startSeconds + each.seconds);
    }
  }
});

test('other nodes solve what a lost node has not', (t) => {
  const whole = simulateTraining(shape, cluster);
  const lost = simulateTraining(shape, cluster, { lost: [{ node: 1, at: 0.05 }] });

  t.deepEqual(
    faultsOf(lost).filter(({ message }) => message.includes('closed')),
    [
      {
        ...{ type: 'fault', component: 'node', iteration: 1, node: 'node 1' },
        ...{ message: 'its connection has closed', action: 'solve-elsewhere' },
      },
    ],
  );
  const [first, ...others] = phasesOf(lost);
  t.true(first!.blocks.some(({ attempts }) => attempts > 1));
  t.true(others.every(({ blocks }) => blocks.every(({ ranOn }) => !ranOn.startsWith('node 1,'))));
  t.true(lost.iterations[0]! > whole.iterations[0]! + 0.5);
});

test('a straggler is reported, and others solve what waits there', (t) => {
  const slow = { stragglers: [{ node: 2, slowness: 20 }] };
  const faults = faultsOf(simulateTraining(shape, cluster, slow));

  t.is(faults[0]?.node, 'node 2');
  t.regex(faults[0]!.message, /it is slow/);
});

test('cards and servers are shared max-min fairly', (t) => {
  const ratesOf = (capacity: number) => {
    const senders = ([card, count]: [number, number]) => {
      return { card, count, demands: Float64Array.of(count), rate: 0 };
    };
    const classes = (
      [
        [1, 2],
        [10, 3],
      ] as [number, number][]
    ).map(senders);
    shareFairly(classes, Float64Array.of(capacity));
    return classes.map(({ rate }) => rate);
  };

  // 2 of 1 B/s and 3 of 10 B/s through 20 B/s: the slow ones take 2, the others 6 each.
  t.deepEqual(ratesOf(20), [1, 6]);
  t.deepEqual(ratesOf(2.5), [0.5, 0.5]);
  t.deepEqual(ratesOf(100), [1, 10]);
});

test('nodes that are not there are refused, and so is the loss of all', (t) => {
  for (const options of [
    { stragglers: [{ node: 4, slowness: 2 }] },
    { stragglers: [{ node: 0, slowness: 0.5 }] },
    { lost: [0, 1, 2, 3].map((node) => ({ node, at: 1 })) },
    { iterations: 0 },
  ]) {
    t.throws(() => simulateTraining(shape, cluster, options), { instanceOf: InvalidOptionError });
  }
});
