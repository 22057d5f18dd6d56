import { readdirSync } from 'node:fs';
import test from 'ava';
import { SourceError } from '../../../src/errors.js';
import { bytesOfRows } from '../../../src/kernels/lay-out-job.js';
import { traitsOf } from '../../../src/kernels/select/choose-kernel.js';
import type { Side } from '../../../src/ratings/ratings.js';
import { RowFile } from '../../../src/row-file.js';
import { balance } from '../../../src/training/balance.js';
import { factorSpans, joinSpans } from '../../../src/training/factor-spans.js';
import { createJob, shapeOfJob, type WholeJob } from '../../../src/training/job.js';
import { finishSketch } from '../../../src/training/sketch.js';
import { restoreSnapshot, takeSnapshot } from '../../../src/training/snapshot.js';
import { atOnce } from '../../../src/training/steps.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { ratingsOf } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

/** More rows of a side than are read from a file at once. */
const users = 17_001;
const ratings = ratingsOf(
  Array.from({ length: 2 * users }, (_, at) => [at >> 1, (7 * at) % 301, 1 + (at % 5)]),
  users,
  301,
);
const input = {
  ratings,
  settings: settingsAsInPaper({ rank: 62, feedback: 'explicit', biases: true, alpha: 0 }),
  kernel: traitsOf('wasm-simd128'),
  slots: 1,
};

/** A job whose rows lie in a file. */
function jobInFile(): { job: WholeJob; rowFile: RowFile } {
  const rowFile = new RowFile(bytesOfRows(shapeOfJob(input)));
  return { job: createJob({ ...input, rowFile }), rowFile };
}

test('rows in a file are started, balanced, sketched and restored to the bits of memory', (t) => {
  const inMemory = createJob(input);
  const { job: inFile, rowFile } = jobInFile();
  const { job: restored, rowFile: other } = jobInFile();
  const same = (job: WholeJob, generation: number) => {
    for (const side of ['user', 'item'] as const) {
      const expected = rowsOf(inMemory, side, 0);
      t.true(rowsOf(job, side, generation).equals(expected), `${side}, ${generation}`);
      t.true(expected.some((byte) => byte !== 0));
    }
  };
  same(inFile, 0);

  // Weighted by row, so that no Gram matrix is asked for.
  const grams = { user: new Float64Array(), item: new Float64Array() };
  t.deepEqual(atOnce(balance(inFile, 0, grams)), atOnce(balance(inMemory, 0, grams)));
  same(inFile, 0);
  t.deepEqual(atOnce(finishSketch(inFile)), atOnce(finishSketch(inMemory)));
  same(inFile, 0);

  const metrics = { iteration: 2, rmse: 1, mae: 1, preferenceRmse: 1 };
  const loss = { observed: 1, unobserved: 0, regularization: 0, total: 1 };
  restoreSnapshot(restored, takeSnapshot(inFile, [{ ...metrics, loss }], []));
  same(restored, 2);
  // The other generation is another place.
  t.true(rowsOf(inFile, 'user', 1).every((byte) => byte === 0));
  for (const job of [inMemory, inFile, restored]) job.release();
  for (const file of [rowFile, other]) file.release();
});

test.serial('a file of rows has no name, and is not used once it is closed', async (t) => {
  const folder = await scratchFolder(t);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  const rowFile = new RowFile(100);
  const target = new Uint8Array(3);

  rowFile.write(97, Uint8Array.of(1, 2, 3));
  rowFile.read(97, target);
  t.deepEqual([...target], [1, 2, 3]);
  t.deepEqual(readdirSync(folder), []);
  t.throws(() => rowFile.read(98, target), { instanceOf: RangeError });

  rowFile.hold();
  rowFile.release();
  rowFile.read(0, target);
  t.deepEqual([...target], [0, 0, 0]);
  rowFile.release();
  t.throws(() => rowFile.read(0, target), { message: /closed/ });
  t.throws(() => rowFile.write(0, target), { message: /closed/ });
});

test('a disk without room for rows is refused with what they need', (t) => {
  const error = t.throws(() => new RowFile(2 ** 52), { instanceOf: SourceError });

  t.is(error.code, 'ERR_NO_SPACE');
  t.regex(error.message, /MiB are free; expected 4,294,967,296 MiB on a disk; .*TMPDIR/);
});

function rowsOf(job: WholeJob, side: Side, generation: number): Buffer {
  return Buffer.from(joinSpans(factorSpans(job, side, generation)).buffer);
}
