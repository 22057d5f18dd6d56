import { realpath, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import test from 'ava';
import { dataFolders } from '../../../../../actors/placements/nodes/worker/data-folders.js';
import { startWorker } from '../../../../../actors/placements/nodes/worker/start-worker.js';
import { InvalidOptionError } from '../../../../../src/errors.js';
import { describeRatings } from '../../../../../src/io/describe-ratings.js';
import { openRatingsReader } from '../../../../../src/io/ratings-reader.js';
import { ratingFile } from '../../../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../../../helpers/builders/scratch-folder.js';

for (const [what, data] of Object.entries({
  'a text': '/srv',
  'a folder that is not there': ['/nowhere/at/all'],
  'a file': ['/etc/hostname'],
  'no name': [''],
})) {
  test(`data folders that are ${what} are refused before the server is asked`, async (t) => {
    await t.throwsAsync(startWorker({ servers: 'nats://127.0.0.1:1', data } as never), {
      instanceOf: InvalidOptionError,
      message: /^option data/,
    });
  });
}

test('data folders are listed by their absolute paths', async (t) => {
  const folder = await realpath(await scratchFolder(t));

  t.deepEqual(await dataFolders([relative('.', folder), `${folder}/`]), [folder]);
});

test('a data folder may be a link to one', async (t) => {
  const { folder } = await ratingFile(t, 'csv', 'numbers');
  const link = join(await scratchFolder(t), 'link');
  await symlink(folder, link);
  const { described } = await describeRatings({ files: join(link, 'ratings.csv') });

  const reader = await openRatingsReader(described.source, await dataFolders([link]));
  t.teardown(() => reader.close());

  t.is((await reader.rows('user', 0, 1)).rowCount, 1);
});
