import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import test from 'ava';
import { CheckpointError } from '../../../src/errors.js';
import { loadCheckpoint } from '../../../src/io/load-checkpoint.js';
import { prepareCheckpoints } from '../../../src/io/prepare-checkpoints.js';
import { type Checkpoint, saveCheckpoint } from '../../../src/io/save-checkpoint.js';
import { randomAt } from '../../../src/random.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

/** A checkpoint with factors and figures that are awkward to write down. */
function checkpointOf(iteration: number, more: Partial<Checkpoint['snapshot']> = {}): Checkpoint {
  const errors = { rmse: 0.1 + 0.2, mae: Number.MIN_VALUE, preferenceRmse: Number.NaN };
  const loss = { observed: 1 / 3, unobserved: 0, regularization: 1e300, total: Math.PI };
  return {
    identity: { ratings: 'abc', rank: 3, userBlocks: [0, 2] },
    snapshot: {
      iteration,
      userFactors: Float32Array.of(1, -0, 1e-45, Number.NaN, Number.POSITIVE_INFINITY, 0.1),
      itemFactors: Float32Array.of(iteration, 2, 3),
      history: Array.from({ length: iteration }, (_, at) => ({
        iteration: at + 1,
        ...errors,
        loss,
      })),
      kept: [],
      ...more,
    },
  };
}

test('a loaded checkpoint has the same bits as the saved one', async (t) => {
  const folder = await scratchFolder(t);
  const float64 = Float64Array.of(0.1, Number.MIN_VALUE, -0, Number.NaN);
  const checkpoint = checkpointOf(2, { itemFactors: float64 });

  const { bytes } = await saveCheckpoint(folder, checkpoint, 1);
  const { damaged, ...loaded } = (await loadCheckpoint(folder))!;

  t.deepEqual(loaded, checkpoint);
  t.deepEqual(damaged, []);
  let size = 0;
  for (const name of await readdir(folder)) size += (await readFile(join(folder, name))).length;
  t.is(bytes, size);
});

test('the factors are plain Arrow tables', async (t) => {
  const folder = await scratchFolder(t);
  await saveCheckpoint(folder, checkpointOf(1), 1);

  const table = tableFromIPC(await readFile(await dataFile(folder, 'checkpoint-1.item-factors')));

  t.deepEqual([...table.getChild('elements')!], [1, 2, 3]);
});

test('the newest checkpoint is loaded, and older ones are removed', async (t) => {
  const folder = await scratchFolder(t);
  for (const iteration of [9, 10, 11]) await saveCheckpoint(folder, checkpointOf(iteration), 2);

  t.is((await loadCheckpoint(folder))!.snapshot.iteration, 11);
  t.is((await readdir(folder)).filter((name) => name.startsWith('checkpoint-9')).length, 0);
  t.is((await readdir(folder)).length, 6);
});

test('no directory and an empty one have no checkpoint', async (t) => {
  const folder = await scratchFolder(t);

  t.is(await loadCheckpoint(folder), undefined);
  t.is(await loadCheckpoint(join(folder, 'nowhere')), undefined);
});

test('leftovers of a crash are not a checkpoint, and the next save removes them', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'checkpoint-7.user-factors.arrow'), 'half');
  await writeFile(join(folder, 'checkpoint-7.item-factors.arrow.tmp'), 'half');
  await writeFile(join(folder, 'checkpoint-6.json.tmp'), '{');

  t.is(await loadCheckpoint(folder), undefined);
  await saveCheckpoint(folder, checkpointOf(5), 2);

  t.is((await readdir(folder)).length, 3);
});

test('files that are not checkpoints stay', async (t) => {
  const folder = await scratchFolder(t);
  await mkdir(join(folder, 'checkpoint-1.json.tmp'));
  await writeFile(join(folder, 'notes.txt'), 'mine');

  await saveCheckpoint(folder, checkpointOf(5), 1);

  const names = await readdir(folder);
  t.true(names.includes('notes.txt') && names.includes('checkpoint-1.json.tmp'));
});

test('a change of any byte is detected', async (t) => {
  const folder = await scratchFolder(t);
  await saveCheckpoint(folder, checkpointOf(3), 1);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const whole = await readFile(path);
    for (let round = 0; round < 40; round++) {
      const at = Math.floor(whole.length * randomAt(1, round, whole.length));
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ (1 + Math.floor(255 * randomAt(2, round, at)));
      await writeFile(path, round % 4 === 0 ? whole.subarray(0, at) : changed);
      const found = { instanceOf: CheckpointError, code: 'ERR_CHECKPOINT_DAMAGED' };
      await t.throwsAsync(loadCheckpoint(folder), found, `${name}, byte ${at}`);
    }
    await writeFile(path, whole);
  }
  t.is((await loadCheckpoint(folder))!.snapshot.iteration, 3);
});

test('a damaged checkpoint is skipped and named', async (t) => {
  const folder = await scratchFolder(t);
  for (const iteration of [1, 2, 3]) await saveCheckpoint(folder, checkpointOf(iteration), 3);
  await rm(await dataFile(folder, 'checkpoint-3.item-factors'));
  await writeFile(join(folder, 'checkpoint-2.json'), '{}');

  const loaded = (await loadCheckpoint(folder))!;

  t.is(loaded.snapshot.iteration, 1);
  t.deepEqual(
    loaded.damaged.map(({ iteration }) => iteration),
    [3, 2],
  );
  t.regex(loaded.damaged[0]!.error.message, /found no file in .*checkpoint-3.item-factors/);
});

test('a checkpoint of a newer version is an error', async (t) => {
  const folder = await scratchFolder(t);
  for (const iteration of [1, 2]) await saveCheckpoint(folder, checkpointOf(iteration), 2);
  const path = join(folder, 'checkpoint-2.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...manifest, formatVersion: 99 }));

  await t.throwsAsync(loadCheckpoint(folder), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_VERSION',
    message: /version 99/,
  });
});

test('the folder for checkpoints is made, and checkpoints of another run stay', async (t) => {
  const folder = join(await scratchFolder(t), 'a', 'b');
  const taken = { instanceOf: CheckpointError, code: 'ERR_CHECKPOINT_TARGET' };

  await prepareCheckpoints(folder, { isResumed: false });
  t.deepEqual(await readdir(folder), []);
  await saveCheckpoint(folder, checkpointOf(1), 1);

  await t.throwsAsync(prepareCheckpoints(folder, { isResumed: false }), taken);
  await t.notThrowsAsync(prepareCheckpoints(folder, { isResumed: true }));
  await t.throwsAsync(
    prepareCheckpoints(join(folder, 'checkpoint-1.json'), { isResumed: true }),
    taken,
  );
});

/** Path of the data file whose name begins so. */
async function dataFile(folder: string, start: string): Promise<string> {
  const name = (await readdir(folder)).find((other) => other.startsWith(`${start}.`));
  return join(folder, name!);
}
