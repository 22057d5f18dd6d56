import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { InvalidOptionError, SourceError } from '../../../src/errors.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { triplesByUser } from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { plain, readContent, three } from '../../helpers/probes/read-content.js';

const refusesCut = test.macro({
  async exec(t, format: string, cut: (whole: Buffer) => Buffer) {
    const file = join(await scratchFolder(t), `ratings.csv.${format === 'gzip' ? 'gz' : 'zst'}`);
    const database = await openDatabase();
    t.teardown(() => database.close());
    await database.run(
      "COPY (SELECT range % 99 AS user, range AS item, 'a' AS note FROM range(300000)) " +
        `TO '${file}' (FORMAT csv, COMPRESSION ${format})`,
    );
    await writeFile(file, cut(await readFile(file)));

    await t.throwsAsync(readRatings({ files: file }), {
      instanceOf: SourceError,
      message: /damaged or cut off/,
    });
  },
  title: (provided, format) => `${format} ${provided} is refused`,
});

for (const format of ['gzip', 'zstd']) {
  test('that is cut in half', refusesCut, format, (whole) => whole.subarray(0, whole.length >> 1));
  test('without its last bytes', refusesCut, format, (whole) => whole.subarray(0, -2));
}
test('with another byte', refusesCut, 'gzip', (whole) => {
  whole[whole.length - 6]! ^= 1;
  return whole;
});
test('a part without the header of the first is named', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'part-0.csv'), plain);
  await writeFile(join(folder, 'part-1.csv'), '5,2,3\n6,3,4\n');

  await t.throwsAsync(readRatings({ files: join(folder, 'part-*.csv') }), {
    instanceOf: SourceError,
    message: /no header in line 1 of .*part-1\.csv \("5,2,3"\); expected user,item,rating/,
  });
});
test('a part whose header lacks a column of the others is named', async (t) => {
  const folder = await scratchFolder(t);
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const whole = await write('whole.csv', 'user,item,rating\nann,tea,1\nbob,jam,2\n');
  const parts = [
    [
      'other.csv',
      'reader,ware,rating\ncat,oat,3\n',
      /"user" in .*other\.csv, which has reader, ware/,
    ],
    ['unrated.csv', 'user,item\ncat,oat\n', /"rating" in .*unrated\.csv, which has user, item/],
  ] as const;

  for (const [name, content, message] of parts) {
    const part = await write(name, content);
    for (const files of [
      [whole, part],
      [part, whole],
    ]) {
      await t.throwsAsync(readRatings({ files }), { code: 'ERR_COLUMN_NOT_FOUND', message });
    }
  }
});

for (const format of ['parquet', 'json']) {
  test(`a file of ${format} that lacks a column of the others is named`, async (t) => {
    const folder = await scratchFolder(t);
    const database = await openDatabase();
    const write = async (name: string, rows: string) => {
      const file = join(folder, `${name}.${format}`);
      await database.run(`COPY (${rows}) TO '${file}' (FORMAT ${format})`);
      return file;
    };
    const whole = await write('whole', "SELECT 'ann' AS user, 'tea' AS item, 1 AS rating");
    const unrated = await write('unrated', "SELECT 'cat' AS user, 'oat' AS item");
    const other = await write('other', "SELECT 'cat' AS reader, 'oat' AS item, 3 AS rating");
    await database.close();

    for (const [file, message] of [
      [unrated, /"rating" in .*unrated\.\w+, which has user, item; expected it as in .*whole/],
      [other, /"user" in .*other\.\w+, which has reader, item, rating; expected it as in .*whole/],
    ] as const) {
      for (const files of [
        [whole, file],
        [file, whole],
      ]) {
        await t.throwsAsync(readRatings({ files }), { code: 'ERR_COLUMN_NOT_FOUND', message });
      }
    }
  });
}

test('ratings know which columns they were read from', async (t) => {
  const content = 'title,User-ID,ISBN,Book-Rating\nx,1,034545104X,5\n';

  const { provenance } = await readContent(t, content);

  t.deepEqual(provenance, {
    columns: { user: 'User-ID', item: 'ISBN', rating: 'Book-Rating', unread: ['title'] },
  });
});

const foreign = test.macro({
  async exec(t, name: string, begin: string, message: RegExp) {
    const content = Buffer.from(begin + '\0'.repeat(300), 'latin1');

    await t.throwsAsync(readContent(t, content, {}, name), { instanceOf: SourceError, message });
  },
  title: (_, name) => `${name} is refused with a way out`,
});
test(foreign, 'r.zip', 'PK\x03\x04', /ZIP.*unzip -p .*r\.zip \| npx seesaw train -/);
test(foreign, 'r.xlsx', 'PK\x03\x04', /Excel.*CSV UTF-8/);
test(foreign, 'r.csv.bz2', 'BZh91AY', /bzip2.*bzcat/);
test(foreign, 'r.csv.xz', '\xfd7zXZ\0', /xzcat/);
test(foreign, 'r.html', '<!DOCTYPE html>', /web page/);
test('an address of another machine is refused with a way out', async (t) => {
  for (const files of ['https://example.com/r.csv', new URL('https://example.com/r.csv')]) {
    await t.throwsAsync(readRatings({ files }), {
      instanceOf: InvalidOptionError,
      message: /example\.com.*network: true/,
    });
  }
});
test('a file: URL is a path', async (t) => {
  const file = join(await scratchFolder(t), 'a b.csv');
  await writeFile(file, plain);

  for (const files of [pathToFileURL(file), pathToFileURL(file).href]) {
    t.deepEqual<unknown, unknown>(triplesByUser(await readRatings({ files })), three);
  }
});
test('a folder that Spark wrote stands for its parts', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'part-00000-x.csv'), plain);
  await writeFile(join(folder, 'part-00001-x.csv'), 'user,item,rating\n9,9,1\n');
  await writeFile(join(folder, 'part-00002-x.csv'), '');
  await writeFile(join(folder, '_SUCCESS'), '');

  const ratings = await readRatings({ files: folder });

  t.deepEqual<unknown, unknown>(triplesByUser(ratings), [...three, [9, 9, 1]]);
});
test('folders with columns in their names are read when asked', async (t) => {
  const folder = await scratchFolder(t);
  for (const [year, row] of [
    ['2020', '1,2,3'],
    ['2021', '9,9,1'],
  ]) {
    await mkdir(join(folder, `year=${year}`));
    await writeFile(join(folder, `year=${year}`, 'a.csv'), `user,item,rating\n${row}\n`);
  }

  const ratings = await readRatings({ files: folder }, { hive: true, where: 'year > 2020' });

  t.deepEqual(triplesByUser(ratings), [[9, 9, 1]]);
  t.deepEqual(ratings.provenance?.columns.unread, ['year']);
  await t.throwsAsync(readRatings({ files: folder }), { message: /hive: true/ });
});
