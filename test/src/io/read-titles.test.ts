import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ColumnError, SourceError } from '../../../src/errors.js';
import { readTitles } from '../../../src/io/read-titles.js';
import { scratchFolder } from '../../helpers/scratch-folder.js';

test('titles come by id as text, guessed by usual names', async (t) => {
  const file = join(await scratchFolder(t), 'movies.csv');
  await writeFile(file, 'movieId,title,genres\n1,"Heat, ""the"" film",a|b\n07,Élan,b\n2,,c\n');

  const titles = await readTitles(file);

  t.deepEqual(
    [...titles],
    [
      ['1', 'Heat, "the" film'],
      ['07', 'Élan'],
    ],
  );
});

test('columns can be named, and the first title of an id counts', async (t) => {
  const file = join(await scratchFolder(t), 'things.ndjson');
  await writeFile(file, '{"key": 5, "label": "five"}\n{"key": 5, "label": "cinq"}\n');

  t.deepEqual([...(await readTitles(file, { id: 'key', title: 'label' }))], [['5', 'five']]);
});

test('a file without titles is refused', async (t) => {
  const file = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(file, 'user_id,item_id,rating\n1,2,3\n');

  await t.throwsAsync(readTitles(file), {
    instanceOf: ColumnError,
    code: 'ERR_COLUMN_NOT_FOUND',
    message: /for the title among "user_id"/,
  });
  await t.throwsAsync(readTitles(`${file}.none`), { instanceOf: SourceError });
});
