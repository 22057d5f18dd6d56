import test from 'ava';
import { describeRatings } from '../../../src/io/describe-ratings.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { IdVocabulary } from '../../../src/ratings/id-vocabulary.js';

const idsOf = (ids: IdVocabulary) =>
  Array.from({ length: ids.size }, (_, position) => ids.at(position));

test('text is read as it stands', async (t) => {
  const texts = [
    ...[' ', '7', '07', '\0', 'a\0b', 'a', '\ufeff', '\ufeffa', '\ufffd', 'é', 'e\u0301'],
    ...['日本', '😀', '__proto__', 'a\nb', "'", 'x'.repeat(12), 'x'.repeat(13), 'x'.repeat(5000)],
  ];
  const blobs = texts.map((text) => Buffer.from(text).toString('hex').replace(/../g, '\\x$&'));
  const list = blobs.map((blob) => `decode('${blob}'::BLOB)`).join(', ');

  const { users } = await readRatings({ sql: `SELECT unnest([${list}]) AS user, 1 AS item` });

  // Equal counts: in the order of their bytes.
  const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  t.deepEqual(idsOf(users.ids), sorted);
  for (const [position, text] of sorted.entries()) t.is(users.ids.positionOf(text), position);
});

test('texts that are read in several pieces are in their order, long ones too', async (t) => {
  const count = 140_000;
  const long = 'z'.repeat(3 * 2 ** 20);
  const sql =
    `SELECT CASE WHEN n % 60000 = 7 THEN repeat('z', ${long.length}) || n ELSE 'é' || n END AS user, ` +
    `1 AS item FROM range(${count}) t(n)`;

  const { users } = await describeRatings({ sql }, { readBy: 'workers' });

  const texts = Array.from({ length: count }, (_, n) => `${n % 60_000 === 7 ? long : 'é'}${n}`);
  texts.sort((a, b) => (a < b ? -1 : 1));
  t.is(users.ids.size, count);
  t.true(texts.every((text, position) => users.ids.at(position) === text));
  t.is(users.ids.positionOf(texts[2]!), 2);
  t.is(users.ids.positionOf(texts[count - 1]!), count - 1);
});

const integersAre = test.macro({
  async exec(t, expression: string, expected: readonly (number | bigint)[]) {
    const { users } = await readRatings({
      sql: `SELECT ${expression} AS user, 1 AS item FROM range(200000) t(n)`,
    });

    t.is(users.ids.size, 200_000);
    t.deepEqual(
      [0, 1, 131_072, 199_999].map((position) => users.ids.at(position)),
      expected,
    );
    for (const id of expected) t.is(users.ids.at(users.ids.positionOf(id)!), id);
  },
  title: (title = '') => `integers that are read in several pieces are in their order: ${title}`,
});
test('small', integersAre, 'n * 3 - 7', [-7, -4, 393_209, 599_990]);
test('of 64 bits', integersAre, 'n + (1::BIGINT << 40)', [
  ...[2 ** 40, 2 ** 40 + 1, 2 ** 40 + 131_072, 2 ** 40 + 199_999],
]);
test('the last one is too large for a number', integersAre, '(1::BIGINT << 53) - 199999 + n', [
  ...[2 ** 53 - 199_999, 2 ** 53 - 199_998, 2 ** 53 - 68_927, 2n ** 53n],
]);
