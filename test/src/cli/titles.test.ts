import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { findTitles, noTitles } from '../../../src/cli/titles.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

for (const [name, content] of [
  ['movies.csv', 'movieId,title\n31,Heat\n'],
  ['movies.dat', '31::Heat::Crime\n'],
  ['u.item', '31|Heat|01-Jan-1995||http://example.org|0|1\n'],
] as const) {
  test(`titles are found in ${name} beside the ratings`, async (t) => {
    const folder = await scratchFolder(t);
    await writeFile(join(folder, name), content);

    const titles = await findTitles(join(folder, 'ratings'));

    t.is(titles.of(31), 'Heat');
    t.is(titles.of(4), '4');
    t.is(titles.source, join(folder, name));
  });
}

test('ids are shown if no file beside the ratings has titles', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'movies.dat'), 'nothing of the kind\n');

  t.is(await findTitles(join(folder, 'ratings.dat')), noTitles);
});
