import test from 'ava';
import { InvalidMessageError } from '../../../../../actors/errors.js';
import {
  type JobData,
  rangesOf,
} from '../../../../../actors/placements/nodes/protocol/job-data.js';
import { checkData } from '../../../../../actors/placements/nodes/worker/check-data.js';
import { Arena } from '../../../../../src/arena.js';
import { draftJob, shapeOf } from '../../../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import { openJob, randomRatings } from '../../../../helpers/builders/jobs.js';

const rows: JobData = { type: 'rows', side: 'user' };
const block: JobData = { type: 'ratings', side: 'user', block: 1 };

test('the data of a job are right on a node, where the same function finds them', (t) => {
  const { draft, shape } = copied();

  t.notThrows(() => checkData(draft, shape, rows));
  t.notThrows(() => checkData(draft, shape, block));
});

test('a column that is no item is refused', (t) => {
  const { draft, shape } = copied();
  const [columns] = rangesOf(draft, block);
  new Uint32Array(draft.memory.buffer, columns!.offset, 1)[0] = 9;

  t.throws(() => checkData(draft, shape, block), {
    instanceOf: InvalidMessageError,
    code: 'ERR_INVALID_MESSAGE',
  });
});

test('a rating that is no number is refused', (t) => {
  const { draft, shape } = copied();
  const [, ratings] = rangesOf(draft, block);
  new Float32Array(draft.memory.buffer, ratings!.offset, 1)[0] = Number.NaN;

  t.throws(() => checkData(draft, shape, block), { instanceOf: InvalidMessageError });
});

for (const [what, row, value] of [
  ['that go back', 3, 0],
  ['that end beyond the ratings', 12, 10_000],
] as const) {
  test(`offsets ${what} are refused`, (t) => {
    const { draft, shape } = copied();
    new Uint32Array(draft.memory.buffer, draft.user.ratings.offsets, 13)[row] = value;

    t.throws(() => checkData(draft, shape, rows), { instanceOf: InvalidMessageError });
  });
}

/** A job as a node has it, with what was sent of it. */
function copied() {
  const ratings = randomRatings({ users: 12, items: 9, density: 0.6 });
  const { job } = openJob(chooseKernel('auto'), ratings, { rank: 6, blocks: 3 });
  const shape = shapeOf(job.layout);
  const draft = draftJob(shape, new Arena(), 'job-1');
  for (const data of [rows, block]) {
    const from = rangesOf(job.layout, data);
    for (const [at, { offset, bytes }] of rangesOf(draft, data).entries()) {
      const source = new Uint8Array(job.layout.memory.buffer, from[at]!.offset, bytes);
      new Uint8Array(draft.memory.buffer, offset, bytes).set(source);
    }
  }
  return { draft, shape };
}
