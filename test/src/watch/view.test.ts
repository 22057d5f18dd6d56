import test from 'ava';
import { EventLog } from '../../../src/watch/event-log.js';
import type { Line, PhaseLine } from '../../../src/watch/lines.js';
import { Boxes } from '../../../src/watch/view/boxes.js';
import { chromeTrace } from '../../../src/watch/view/chrome-trace.js';
import { bestSoFar, envelope } from '../../../src/watch/view/envelope.js';
import { RunView } from '../../../src/watch/view/run-view.js';
import { differingOptions, TrialBoard } from '../../../src/watch/view/trial-board.js';
import { numberAxis, optionAxis } from '../../../src/watch/view/value-axis.js';

test('an envelope keeps every extreme of 100,000 points in two points a bucket', (t) => {
  const xs = Array.from({ length: 100_000 }, (_, at) => at);
  const ys = xs.map((x) => (x === 54_321 ? 9 : x === 54_322 ? -9 : Math.sin(x)));

  const drawn = envelope({ xs, ys: [ys] }, 500);

  t.is(drawn.xs.length, 1000);
  t.is(Math.max(...(drawn.ys[0] as number[])), 9);
  t.is(Math.min(...(drawn.ys[0] as number[])), -9);
  t.is(drawn.ys[0]!.indexOf(9) + 1, drawn.ys[0]!.indexOf(-9), 'in their order');
  t.deepEqual([drawn.xs[0], drawn.xs.at(-1)], [0, 99_999]);
});

test('an envelope leaves few points as they are, and a bucket without values empty', (t) => {
  const few = { xs: [1, 2, 3], ys: [[1, null, 3]] };
  t.deepEqual(envelope(few, 2), few);
  const gaps = envelope({ xs: [1, 2, 3, 4, 5, 6], ys: [[null, null, null, 1, 3, 2]] }, 2);
  t.deepEqual(gaps, { xs: [1, 3, 4, 6], ys: [[null, null, 1, 3]] });
});

test('the best so far is the greatest or the least, and passes over gaps', (t) => {
  t.deepEqual(bestSoFar([null, 2, 1, null, 3], true), [null, 2, 2, 2, 3]);
  t.deepEqual(bestSoFar([2, 3, null, 1], false), [2, 2, 2, 1]);
});

test('boxes are found by time, also when there are more than the first arrays hold', (t) => {
  const boxes = new Boxes();
  for (let at = 0; at < 1000; at++) boxes.push(at, at + 0.5, at, at % 7);

  t.is(boxes.after(0.2), 0);
  t.is(boxes.after(0.5), 1);
  t.is(boxes.after(998.9), 999);
  t.is(boxes.after(2000), 1000);
  t.is(boxes.block(999), 999 % 7);
  t.is(boxes.busyIn(1.25, 3.25), 0.25 + 0.5 + 0.25);
});

test('a line with a bigint is written with its digits', (t) => {
  const log = new EventLog({ now: () => 0 });

  log.append({ type: 'saved', path: 2n ** 60n } as never);

  const { lines } = log.read(0, 100);
  t.deepEqual(lines, ['{"at":0,"type":"saved","path":"1152921504606846976"}']);
});

const phase: PhaseLine & { readonly at: number } = {
  type: 'phase',
  side: 'user',
  ...{ at: 3, iteration: 1, seconds: 2 },
  ...{ broadcastBytes: 5, uploadedBytes: 0, readBackBytes: 0, places: ['thread 1', 'thread 2'] },
  blocks: {
    start: [500_000, 0, 0],
    time: [1_000_000, 1_500_000, 500_000],
    place: [0, 1, 0],
    attempts: [1, 2, 1],
    rows: [10, 20, 30],
    ratings: [100, 200, 300],
  },
};

/** Three blocks that fill a phase of a third of a second on two threads. */
const shortBlocks: PhaseLine['blocks'] = {
  start: [100_000, 0, 0],
  time: [233_334, 99_999, 333_333],
  place: [0, 0, 1],
};

const iteration = {
  type: 'iteration',
  ...{ rmse: 1, mae: 2, preferenceRmse: 0.5, seconds: 4 },
  loss: { observed: 1, unobserved: 2, regularization: 3, total: 6 },
} as const;

test('a timeline has a lane for each place, with every block where and when it ran', (t) => {
  const { timeline } = viewOf([phase]);

  t.deepEqual([...timeline.lanes.keys()], ['thread 2', 'thread 1']);
  t.like(timeline.details('thread 1', 0), { block: 2, start: 1, seconds: 0.5, rows: 30 });
  t.like(timeline.details('thread 1', 1), { block: 0, start: 1.5, seconds: 1, attempts: 1 });
  t.like(timeline.details('thread 2', 0), { block: 1, side: 'user', attempts: 2, ratings: 200 });
});

test('a timeline marks faults, checkpoints, moves and pauses', (t) => {
  const { timeline, status } = viewOf([
    { at: 1, type: 'control', action: 'pause' },
    { at: 2, type: 'control', action: 'resume' },
    { at: 3, type: 'moved', from: 'threads(1)', to: 'threads(2)' },
    { at: 4, type: 'checkpoint', iteration: 3, path: 'run', bytes: 9, seconds: 0.5 },
    {
      ...{ at: 5, type: 'fault', component: 'node', iteration: 3, node: 'beta' },
      ...{ message: 'silent for 3 s', action: 'solve-elsewhere' },
    },
  ]);

  t.deepEqual(timeline.pauses, [{ from: 1, to: 2 }]);
  t.deepEqual(
    timeline.marks.slice(2).map(({ kind }) => kind),
    ['moved', 'checkpoint', 'fault'],
  );
  t.is(timeline.marks.at(-1)?.text, 'beta: silent for 3 s (solve elsewhere)');
  t.is(status, 'training');
});

test('a Chrome trace has a thread for each lane, and times in microseconds', (t) => {
  const { timeline } = viewOf([phase, { at: 4, type: 'moved', from: 'a', to: 'b' }]);

  const { pieces, isCut } = chromeTrace(timeline, { from: 0, to: 10 });

  t.false(isCut);
  const { traceEvents } = JSON.parse(pieces.join(''));
  const named = (name: string) => traceEvents.find((each: { name: string }) => each.name === name);
  t.like(named('user block 0'), { ph: 'X', ts: 1_500_000, dur: 1_000_000, tid: 2 });
  t.deepEqual(named('user block 1').args.attempts, 2);
  t.like(named('user phase'), { ts: 1_000_000, dur: 2_000_000, tid: 0 });
  t.like(named('moved from a to b'), { ph: 'i', ts: 4_000_000 });
});

test('a Chrome trace has names first, then events by time, and none of a thread overlap', (t) => {
  const lines: Line[] = [];
  for (let number = 1; number <= 6; number++) {
    // Ends that fall between two microseconds, and phases that seem to begin before the last ended.
    const at = 0.3 + number / 3;
    const side = number % 2 === 0 ? 'item' : 'user';
    lines.push({ ...phase, at, seconds: 0.333_334_6, side, blocks: shortBlocks });
    lines.push({ at, type: 'control', action: 'pause' });
  }

  const { pieces } = chromeTrace(viewOf(lines).timeline, { from: 0, to: 10 });

  const { traceEvents } = JSON.parse(pieces.join(''));
  const lane = new Map<number, number>();
  let last = 0;
  let isNamed = false;
  for (const { ph, name, pid, tid, ts, dur, s } of traceEvents) {
    t.true(Number.isInteger(pid) && Number.isInteger(tid) && name.length > 0);
    if (ph === 'M') {
      t.false(isNamed, 'names come first');
      continue;
    }
    isNamed = true;
    t.true(Number.isInteger(ts) && ts >= last, `${name} at ${ts} after ${last}`);
    last = ts;
    if (ph === 'i') {
      t.is(s, 'p');
      continue;
    }
    t.is(ph, 'X');
    t.true(Number.isInteger(dur) && dur >= 0);
    t.true(ts >= (lane.get(tid) ?? 0), `${name} of ${tid} begins when the one before has ended`);
    lane.set(tid, ts + dur);
  }
  t.deepEqual([...lane.keys()].sort(), [0, 1, 2]);
});

test('figures have a value for every iteration, null where one was not measured', (t) => {
  const view = viewOf([
    phase,
    { at: 4, ...iteration, iteration: 1 },
    { at: 8, ...iteration, iteration: 2, validation: { 'ndcg@20': 0.25 } },
  ]);

  t.deepEqual(view.iterations, [1, 2]);
  t.deepEqual(view.figures.get('validation.ndcg@20'), [null, 0.25]);
  t.deepEqual(view.figures.get('seconds.user'), [2, null]);
  t.deepEqual(view.figures.get('bytes'), [5, null]);
  t.deepEqual(view.figures.get('loss.total'), [6, 6]);
});

test('trials come best first, with running ones in their place and failed ones last', (t) => {
  const board = new TrialBoard();
  const started = { type: 'trial-started', at: 0 } as const;
  const lines: Line[] = [
    { at: 0, type: 'search-started', trials: 4, folds: 1, concurrency: 2, metric: 'ndcg@20' },
    { ...started, trial: 1, options: { rank: 8, alpha: 1 } },
    { ...started, trial: 2, options: { rank: 16, alpha: 1 } },
    { ...started, trial: 3, options: { rank: 32, alpha: 1 } },
    {
      ...{ at: 1, type: 'trial', trial: 2, fold: 0 },
      event: { ...iteration, iteration: 1, validation: { 'ndcg@20': 0.3 } },
    },
    {
      ...{ at: 2, type: 'trial-finished', trial: 1, options: { rank: 8, alpha: 1 } },
      ...{ score: 0.2, figures: {}, seconds: 1 },
    },
    { at: 3, type: 'trial-failed', trial: 3, options: { rank: 32, alpha: 1 }, message: 'broke' },
  ];
  for (const line of lines) board.apply(line);

  t.deepEqual(
    board.sorted().map(({ trial, status, score }) => [trial, status, score]),
    [
      [2, 'running', 0.3],
      [1, 'finished', 0.2],
      [3, 'failed', undefined],
    ],
  );
  t.deepEqual(differingOptions(board.sorted().map(({ options }) => options)), ['rank']);
});

test('words and few numbers stand side by side, many numbers along a line', (t) => {
  const named = optionAxis([32, 'auto', 16, 32]);
  t.deepEqual(named.ticks, [16, 32, 'auto']);
  t.is(named.place(32), 0.5);

  const many = Array.from({ length: 10 }, (_, at) => 10 + at);
  const line = optionAxis(many);
  t.deepEqual(line.ticks, [10, 12, 14, 16, 18]);
  t.is(line.place(14.5), 0.5);
  const powers = optionAxis(many.map((at) => 10 ** (at - 14)));
  t.deepEqual(powers.ticks, [1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000]);
  t.true(Math.abs(powers.place(10 ** 0.5) - 0.5) < 1e-12);
  t.is(numberAxis([3]).place(3), 0.5, 'the only value stands in the middle');
});

function viewOf(lines: readonly Line[]): RunView {
  const view = new RunView();
  for (const line of lines) view.apply(line);
  return view;
}
