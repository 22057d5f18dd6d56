import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CheckpointError, ModelFileError, SeesawError } from '../../../src/errors.js';
import { makeFolder } from '../../../src/io/files/make-folder.js';
import { loadCheckpoint } from '../../../src/io/load-checkpoint.js';
import { prepareCheckpoints } from '../../../src/io/prepare-checkpoints.js';
import { saveCheckpoint } from '../../../src/io/save-checkpoint.js';
import { checkWritable } from '../../../src/model/store/check-writable.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import { randomModel, smallModel } from '../../helpers/builders/models.js';
import { mounted } from '../../helpers/builders/mounted.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const isLinux = process.platform === 'linux';

const checkpoint = {
  identity: {},
  snapshot: {
    iteration: 1,
    userFactors: new Float32Array(2 ** 18),
    itemFactors: new Float32Array(2 ** 18),
    history: [{ iteration: 1 } as never],
    kept: [],
  },
};

test('a full disk is an error of this package, and leaves the old model', async (t) => {
  const disk = await mounted(t, 'size=512k');
  if (disk === undefined) {
    t.log('skipped: no file system can be mounted here');
    return t.pass();
  }
  const folder = join(disk, 'model');
  await smallModel().save(folder);
  const before = await readdir(folder);

  const large = randomModel({ rank: 64, users: 3000, items: 10 });
  const error = await t.throwsAsync(large.save(folder), {
    instanceOf: ModelFileError,
    code: 'ERR_MODEL_UNWRITABLE',
  });
  t.regex(error!.message, /no space left on the disk \(ENOSPC\)/);
  t.deepEqual((await readdir(folder)).sort(), before.sort());
  t.deepEqual((await loadModel(folder)).userIds, ['a', 'b', 'c']);

  await t.throwsAsync(saveCheckpoint(disk, checkpoint, 1), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_UNWRITABLE',
  });
  t.deepEqual(await readdir(disk), ['model']);
});

test('a full disk is detected before training', async (t) => {
  const disk = await mounted(t, 'size=64k');
  if (disk === undefined) {
    t.log('skipped: no file system can be mounted here');
    return t.pass();
  }
  await t.throwsAsync(writeFile(join(disk, 'filler'), new Uint8Array(2 ** 20)), { code: 'ENOSPC' });

  await t.throwsAsync(checkWritable(join(disk, 'model')), { code: 'ERR_MODEL_UNWRITABLE' });
  await t.throwsAsync(prepareCheckpoints(join(disk, 'run'), { isResumed: false }), {
    code: 'ERR_CHECKPOINT_UNWRITABLE',
  });
});

test('a read-only file system is an error of this package', async (t) => {
  const disk = await mounted(t, 'size=512k');
  if (disk === undefined) {
    t.log('skipped: no file system can be mounted here');
    return t.pass();
  }
  await smallModel().save(join(disk, 'model'));
  execFileSync('mount', ['-o', 'remount,ro', disk]);

  for (const path of ['model', 'new', 'a/b']) {
    const refused = { instanceOf: ModelFileError, code: 'ERR_MODEL_UNWRITABLE', message: /EROFS/ };
    await t.throwsAsync(smallModel().save(join(disk, path)), refused);
    await t.throwsAsync(checkWritable(join(disk, path)), refused);
  }
  await t.throwsAsync(prepareCheckpoints(join(disk, 'run'), { isResumed: false }), {
    code: 'ERR_CHECKPOINT_UNWRITABLE',
  });
  t.deepEqual((await loadModel(join(disk, 'model'))).userIds, ['a', 'b', 'c']);
});

for (const [what, path] of [
  ['a name that is too long', join('/tmp', 'x'.repeat(300))],
  ['a path that is too long', join('/tmp', `${'x'.repeat(200)}/`.repeat(30))],
  ['a NUL character', '/tmp/seesaw-test-\0/model'],
  ...(isLinux ? ([['a folder that takes none', '/proc/x/model']] as const) : []),
] as const) {
  test(`${what} is an error of this package, and known before training`, async (t) => {
    const tries: readonly (() => Promise<unknown>)[] = [
      () => smallModel().save(path),
      () => checkWritable(path),
      () => loadModel(path),
      () => prepareCheckpoints(path, { isResumed: false }),
      () => saveCheckpoint(path, checkpoint, 1),
    ];
    for (const attempt of tries) {
      const error = await t.throwsAsync(attempt());
      t.true(error instanceof SeesawError, String(error));
    }
    // No checkpoint, or none that can be looked for.
    const found = await loadCheckpoint(path).catch((error: unknown) => error);
    t.true(found === undefined || found instanceof SeesawError);
  });
}

test('checking a path leaves nothing behind', async (t) => {
  const folder = await scratchFolder(t);

  await checkWritable(join(folder, 'a', 'b', 'model'));
  t.deepEqual(await readdir(folder), []);

  await mkdir(join(folder, 'mine'));
  await checkWritable(join(folder, 'mine'));
  t.deepEqual(await readdir(join(folder, 'mine')), []);
});

test('folders are made one level at a time, and go again if one fails', async (t) => {
  const folder = await scratchFolder(t);

  const made = await makeFolder(join(folder, 'a', 'b', 'c'));
  t.deepEqual(
    made,
    ['a', 'a/b', 'a/b/c'].map((name) => join(folder, name)),
  );
  t.deepEqual(await makeFolder(join(folder, 'a', 'b')), []);

  await t.throwsAsync(makeFolder(join(folder, 'd', 'x'.repeat(300))), { code: 'ENAMETOOLONG' });
  await writeFile(join(folder, 'file'), '');
  await t.throwsAsync(makeFolder(join(folder, 'file', 'e')), { code: 'ENOTDIR' });
  t.deepEqual((await readdir(folder)).sort(), ['a', 'file']);
});

test('a manifest that is a folder is an error of this package', async (t) => {
  const folder = await scratchFolder(t);
  await mkdir(join(folder, 'manifest.json'));
  await mkdir(join(folder, 'checkpoint-1.json'));

  await t.throwsAsync(loadModel(folder), { instanceOf: ModelFileError, code: 'ERR_MODEL_FORMAT' });
  await t.throwsAsync(smallModel().save(folder), { code: 'ERR_MODEL_TARGET' });
  await t.throwsAsync(loadCheckpoint(folder), { code: 'ERR_CHECKPOINT_DAMAGED' });
});
