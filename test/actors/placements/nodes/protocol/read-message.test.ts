import test from 'ava';
import { InvalidMessageError } from '../../../../../actors/errors.js';
import {
  encode,
  encodeAnswer,
  protocolVersion,
  subjects,
} from '../../../../../actors/placements/nodes/protocol/messages.js';
import { readAnswer } from '../../../../../actors/placements/nodes/protocol/read-answer.js';
import { readCommand } from '../../../../../actors/placements/nodes/protocol/read-command.js';
import { readHello } from '../../../../../actors/placements/nodes/protocol/read-hello.js';
import { shapeOf } from '../../../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import { openJob, randomRatings } from '../../../../helpers/builders/jobs.js';
import { fuzzMessages } from '../../../../helpers/suites/message-fuzzing.js';

const ratings = randomRatings({ users: 12, items: 9, density: 0.4 });
const { job } = openJob(chooseKernel('auto'), ratings, { rank: 6, blocks: 3 });
const join = {
  type: 'join',
  inParts: false,
  number: 1,
  job: 'job-1a',
  version: '0.1.0',
  key: 'k'.repeat(43),
  shape: shapeOf(job.layout),
};
const contents = { users: 12, items: 9, rows: 50, digest: '12.34.56', isOrdered: true };
const source = {
  files: ['/srv/ratings.csv', "/srv/a 'b'*.csv"],
  ...{ user: 'reader', timestamp: false, where: 'year > 1\nAND true' },
  ...{ duplicates: 'last', engine: 'v1.5.6', contents },
};
const query = { sql: 'SELECT 1 -- \n', duplicates: 'sum', engine: 'v1.5.6', contents };
const task = { kind: 'solve', iteration: 1, side: 'user', block: 0 };
const hello = {
  type: 'hello',
  protocol: protocolVersion,
  version: '0.1.0',
  worker: 'alpha-1',
  name: 'alpha',
  key: 'k'.repeat(43),
  threads: 2,
  memory: 1e9,
  kernels: ['reference', 'wasm-simd128'],
  jobs: '*',
  hasData: false,
  busy: 1,
};

test('what is right comes through as it was', (t) => {
  for (const command of [
    join,
    {
      type: 'load',
      number: 2,
      data: { type: 'ratings', side: 'item', block: 1 },
      object: 'o.1',
      digest: 'd'.repeat(43),
    },
    { ...join, shape: { ...join.shape, source } },
    { ...join, shape: { ...join.shape, source: query } },
    { type: 'read', number: 7, side: 'user', block: 2 },
    { type: 'solve', number: 3, task },
    { type: 'leave', number: 4 },
  ]) {
    t.deepEqual(readCommand(encode(command)), command as never);
  }
  t.deepEqual(readHello(encode(hello), subjects.hello('alpha-1')), hello as never);
});

test('a worker that is not where its name says is refused', (t) => {
  for (const subject of ['seesaw.hello.beta', 'seesaw.hello.alpha-1', 'seesaw.hello.']) {
    t.throws(() => readHello(encode(hello), subject), { instanceOf: InvalidMessageError }, subject);
  }
});

test('what does not belong to a message does not come through', (t) => {
  const command = readCommand(encode({ type: 'leave', number: 4, constructor: 'evil', more: 1 }));

  t.deepEqual(command, { type: 'leave', number: 4 });
});

test('a worker of another protocol is seen with its version', (t) => {
  const found = readHello(
    encode({ ...hello, protocol: protocolVersion + 1, version: '9.0.0', kernels: 'none' }),
    'seesaw.hello.anything',
  );

  t.is(found.version, '9.0.0');
  t.deepEqual(found.kernels, []);
});

test('a sum that is not a number comes through as one', (t) => {
  const errors = {
    squared: Number.NaN,
    absolute: 1,
    squaredPreference: 1,
    loss: 1,
    squaredPrediction: 1,
  };
  const sums = { ...errors, regularization: 1, heldOut: errors };
  const result = { seconds: 1, ranOn: 'thread 1', sums };

  const solved = { type: 'solved', number: 1, result, written: Uint8Array.of(0, 1, 2) } as const;

  // It may come in any of Node's byte arrays, and is only lent.
  for (const sent of [solved, { type: 'read', number: 1, needed: Uint8Array.of(0, 5) } as const]) {
    const payload = Buffer.from(encodeAnswer(sent));
    const answer = readAnswer(payload);
    payload.fill(9);

    t.deepEqual(answer, sent);
  }
});

const { shape } = join;
for (const [what, message] of Object.entries({
  'no type': {},
  'an unknown type': { type: 'run', number: 1 },
  'a list': [1],
  'no number': { type: 'leave' },
  'a negative block': { type: 'solve', number: 1, task: { ...task, block: -1 } },
  'half an iteration': { type: 'solve', number: 1, task: { ...task, iteration: 0.5 } },
  'a third side': { type: 'solve', number: 1, task: { ...task, side: 'tag' } },
  'a subject as a job': { ...join, job: 'a.>' },
  'a stride that is not of the kernel': { ...join, shape: { ...shape, stride: 7 } },
  'more rows than memory': {
    ...join,
    shape: { ...shape, user: { ...shape.user, rowCount: 2 ** 40 } },
  },
  'blocks that do not reach the end': {
    ...join,
    shape: { ...shape, user: { ...shape.user, blockStarts: [0, 5] } },
  },
  'blocks that go back': {
    ...join,
    shape: { ...shape, user: { ...shape.user, blockStarts: [0, 9, 5, 12] } },
  },
  'a pinned coordinate outside': {
    ...join,
    shape: { ...shape, item: { ...shape.item, pinned: 6 } },
  },
  'a read of a side that is none': { type: 'read', number: 1, side: 'both', block: 0 },
  ...Object.fromEntries(
    Object.entries({
      'no path and no query': { files: undefined },
      'a path that is none': { files: ['/srv/a.csv', 7] },
      'a path of two lines': { files: ['/srv/a.csv\n'] },
      'a column that is none': { user: '' },
      'a time column of no name': { timestamp: true },
      'an unknown rule for duplicates': { duplicates: 'first' },
      'other users than the job': { contents: { ...contents, users: 7 } },
      'no rows': { contents: { ...contents, rows: 0 } },
      'hashes of letters': { contents: { ...contents, digest: 'constructor' } },
    }).map(([what, part]) => [
      `a source with ${what}`,
      { ...join, shape: { ...shape, source: { ...source, ...part } } },
    ]),
  ),
  'an unknown kernel': { ...join, shape: { ...shape, kernel: 'constructor' } },
})) {
  test(`a command with ${what} is refused`, (t) => {
    t.throws(() => readCommand(encode(message)), {
      instanceOf: InvalidMessageError,
      code: 'ERR_INVALID_MESSAGE',
    });
  });
}

test('bytes that are no JSON are refused', (t) => {
  t.throws(() => readAnswer(new Uint8Array([123, 0, 255])), { instanceOf: InvalidMessageError });
});

test('damaged messages are refused, or are right by chance', (t) => {
  fuzzMessages(t, 1_000);
});
