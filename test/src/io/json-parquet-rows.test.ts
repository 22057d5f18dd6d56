import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { InvalidOptionError, SeesawError, SourceError } from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { timesByUser, triplesByUser } from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { type Content, readContent, writeTable } from '../../helpers/probes/read-content.js';

const reads = test.macro({
  async exec(t, content: Content, expected: unknown[], options?: ReadOptions, name?: string) {
    const ratings = await readContent(t, content, options, name);

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
  },
  title: (provided) => `reads ${provided}`,
});
test(
  'a JSON list after a byte order mark',
  reads,
  '\ufeff[{"user":"ann","item":"tea","rating":3}]',
  [['ann', 'tea', 3]],
  {},
  'a.json',
);
const upper = '550E8400-E29B-41D4-A716-446655440000';
test(
  'JSON texts like UUIDs and dates as they stand',
  reads,
  `{"user":"${upper}","item":"2024-01-01"}\n{"user":"${upper.toLowerCase()}","item":"2024-1-1"}\n`,
  [
    [upper, '2024-01-01', 1],
    [upper.toLowerCase(), '2024-1-1', 1],
  ],
  { duplicates: 'error' },
  'a.ndjson',
);
test(
  'JSON texts of digits as texts',
  reads,
  '[{"user":"1","item":"02"},{"user":"2","item":"2"}]',
  [
    ['1', '02', 1],
    ['2', '2', 1],
  ],
  {},
  'a.json',
);
test('a condition sees a fraction after 20,481 whole numbers of JSON', async (t) => {
  const rows = '{"user":1,"item":2,"rating":1}\n'.repeat(20_481);

  const ratings = await readContent(
    t,
    `${rows}{"user":9,"item":9,"rating":0.25}\n`,
    { where: 'rating < 1' },
    'a.ndjson',
  );

  t.deepEqual(triplesByUser(ratings), [[9, 9, 0.25]]);
});
const day = 1_577_923_200;

test('times of JSON with a zone are read and compared so', async (t) => {
  const content =
    '{"user":1,"item":1,"timestamp":"2020-01-02T00:30:00+01:00"}\n' +
    '{"user":2,"item":2,"timestamp":"2020-01-02T00:00:01Z"}\n';
  const name = 'a.ndjson';

  const all = await readContent(t, content, {}, name);
  const later = await readContent(
    t,
    content,
    { where: "timestamp::TIMESTAMPTZ > TIMESTAMPTZ '2020-01-02'" },
    name,
  );

  t.deepEqual(
    timesByUser(all).map(([, , time]) => time),
    [day - 1800, day + 1],
  );
  t.deepEqual(triplesByUser(later), [[2, 2, 1]]);
});

for (const format of ['csv', 'json', 'ndjson', 'parquet']) {
  test(`folders name columns of ${format} with values as they stand`, async (t) => {
    const folder = await scratchFolder(t);
    for (const user of ['007', 'x y']) {
      await mkdir(join(folder, `user=${user}`));
      await writeTable(
        join(folder, `user=${user}`, `a.${format}`),
        'SELECT 1 AS item, 2 AS rating',
      );
    }

    const ratings = await readRatings({ files: folder }, { hive: true });
    const one = await readRatings({ files: folder }, { hive: true, where: `"user" = 'x y'` });

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), [
      ['007', 1, 2],
      ['x y', 1, 2],
    ]);
    t.deepEqual<unknown, unknown>(triplesByUser(one), [['x y', 1, 2]]);
  });
}

const namesRow = test.macro({
  async exec(t, format: string, bad: string, message: RegExp) {
    const folder = await scratchFolder(t);
    const files = ['a', 'b'].map((name) => join(folder, `${name}.${format}`));
    const row = (more: string) => `SELECT 'ann' AS "user", 'tea' AS item, '3' AS rating ${more}`;
    await writeTable(files[0]!, row(''));
    await writeTable(files[1]!, `${row('')} UNION ALL SELECT ${bad}`);

    const error = await t.throwsAsync(readRatings({ files }), { message });

    t.true(error instanceof SeesawError);
  },
  title: (_, format, bad) => `an error of ${format} names the row of the file: ${bad}`,
});

for (const [format, place] of [
  ['parquet', 'row 2 of \\S*b\\.parquet'],
  ['json', 'row 2 of \\S*b\\.json'],
  ['ndjson', 'line 2 of \\S*b\\.ndjson'],
]) {
  test(
    namesRow,
    format!,
    "'bob', 'tea', 'x'",
    new RegExp(`"x" in rating column "rating".*${place}`),
  );
  test(
    namesRow,
    format!,
    "'bob', NULL, '3'",
    new RegExp(`without an item in column "item".*${place}`),
  );
}

const namesLine = test.macro({
  async exec(t, name: string, bad: string | Buffer, found: RegExp) {
    const path = join(await scratchFolder(t), name);
    const good = '{"user":1,"item":2}';
    const parts = name.endsWith('.json')
      ? [`[\n${good},\n`, bad, `,\n${good}]`]
      : [`${good}\n\n`, bad, `\n${good}\n`];
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    await writeFile(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);

    const error = await t.throwsAsync(readRatings({ files: path }), {
      instanceOf: SourceError,
      code: 'ERR_BAD_LINE',
      message: found,
    });

    t.is((error as SourceError).line, 3);
    t.true(error!.message.includes(`line 3 of ${path}`));
  },
  title: (_, name, bad) => `${name} is refused with the line: ${bad}`,
});

for (const name of ['a.ndjson', 'a.jsonl.gz', 'a.json']) {
  test(namesLine, name, '{"user":1,"item":', /is no JSON/);
  test(namesLine, name, 'export interrupted', /is no JSON \("export interrupted"\)/);
  test(namesLine, name, '[1, 2]', /is no object \("\[1, 2\]"\)/);
  test(namesLine, name, Buffer.from('{"user":1,"item":"\xe9"}', 'latin1'), /is not utf-8 encoded/);
}
test('a damaged Parquet file is refused by its name and column', async (t) => {
  const folder = await scratchFolder(t);
  const files = ['a', 'b'].map((name) => join(folder, `${name}.parquet`));
  for (const file of files) {
    await writeTable(file, 'SELECT range AS "user", hash(range) AS item FROM range(1000)');
  }
  const bytes = await readFile(files[1]!);
  await writeFile(files[1]!, bytes.fill(0xff, 4, 400));

  const error = await t.throwsAsync(readRatings({ files }), { instanceOf: SourceError });

  t.true(error!.message.includes(`column "user" of ${files[1]} damaged`), error!.message);
});
test('a folder that is called as a column in its files is refused', async (t) => {
  for (const name of ['a.csv', 'a.ndjson', 'a.json', 'a.parquet']) {
    const folder = await scratchFolder(t);
    await mkdir(join(folder, 'user=7'));
    await writeTable(join(folder, 'user=7', name), 'SELECT 1 AS "User", 2 AS item');

    await t.throwsAsync(readRatings({ files: folder }, { hive: true }), {
      instanceOf: InvalidOptionError,
      message: /column "[uU]ser" in files/,
    });
  }
});
