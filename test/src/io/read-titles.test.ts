import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ColumnError, SourceError } from '../../../src/errors.js';
import { readTitles } from '../../../src/io/read-titles.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

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

const publishes = test.macro({
  async exec(t, name: string, lines: readonly string[]) {
    const file = join(await scratchFolder(t), name);
    await writeFile(file, Buffer.from(`${lines.join('\n')}\n`, 'latin1'));

    t.deepEqual(
      [...(await readTitles(file))],
      [
        ['1', 'Heat (1995)'],
        ['20', '"Élan": Vital, a (1990)'],
      ],
    );
  },
  title: (_, name) => `reads ${name} as GroupLens publishes it, in Latin-1`,
});
test(publishes, 'movies.dat', [
  '1::Heat (1995)::Action|Crime',
  '20::"Élan": Vital, a (1990)::Drama',
]);
const genres = '0|1|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0';
test(publishes, 'u.item', [
  `1|Heat (1995)|01-Jan-1995||http://example.org/heat?(1995)|${genres}`,
  `20|"Élan": Vital, a (1990)|01-Jan-1990||http://example.org/elan|${genres}`,
]);

test('a file of numbers without header has no titles', async (t) => {
  const file = join(await scratchFolder(t), 'u.data');
  await writeFile(file, '1\t2\t3\t4\n1\t5\t3\t4\n');

  await t.throwsAsync(readTitles(file), { instanceOf: ColumnError });
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
