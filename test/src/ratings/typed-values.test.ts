import test from 'ava';
import { InvalidIdError, InvalidOptionError, InvalidRatingError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { InteractionLog } from '../../../src/ratings/interaction-log.js';
import { holdOut } from '../../../src/ratings/split/hold-out.js';
import { triplesByUser } from '../../helpers/builders/rating-triples.js';

const rowRefused = test.macro({
  exec(t, row: object | null, message: RegExp) {
    const error = t.throws(() => ratingsFromRows([{ user: 1, item: 2, ...row }] as never), {
      message,
    });
    t.true(error instanceof InvalidRatingError || error instanceof InvalidIdError);
  },
  title: (provided) => `${provided} is refused`,
});

test(
  'a rating as text',
  rowRefused,
  { rating: '3' },
  /rating "3" \(a string\) at entry 0; .*; try Number\(rating\)/,
);
test(
  'a rating as bigint',
  rowRefused,
  { rating: 3n },
  /rating 3n \(a bigint\).*try Number\(rating\)/,
);
test(
  'a rating as object',
  rowRefused,
  { rating: Object(3) },
  /rating 3 \(a Number object\).*try Number\(rating\)/,
);
test('an empty rating', rowRefused, { rating: '' }, /rating "" \(a string\).*try leaving/);
test('a rating of null', rowRefused, { rating: null }, /rating null/);
test('a rating beyond float32', rowRefused, { rating: 1e39 }, /rating 1e\+39/);
test(
  'a timestamp as text',
  rowRefused,
  { timestamp: '1700000000' },
  /"1700000000" \(a string\).*try Number\(timestamp\)/,
);
test(
  'a timestamp as a text of a date',
  rowRefused,
  { timestamp: '2024-02-01' },
  /try new Date\(timestamp\)/,
);
test(
  'a timestamp as bigint',
  rowRefused,
  { timestamp: 1700000000n },
  /1700000000n \(a bigint\).*try Number\(timestamp\)/,
);
test('an invalid date', rowRefused, { timestamp: new Date('no') }, /an invalid Date/);
test(
  'a date of microseconds',
  rowRefused,
  { timestamp: new Date(1.7e15) },
  /a Date\).*try a date of milliseconds/,
);
test('a user of null', rowRefused, { user: null }, /user id null/);
test(
  'a user beyond 2⁵³',
  rowRefused,
  { user: 2 ** 53 },
  /user id 9007199254740992.*try a string or a bigint/,
);

test('a row that is no object is refused', (t) => {
  for (const row of [null, undefined, 5, 'ann']) {
    t.throws(() => ratingsFromRows([row] as never), {
      instanceOf: InvalidIdError,
      message: /entry 0/,
    });
  }
});

test('dates beside numbers that are milliseconds are refused', (t) => {
  const rows = [
    { user: 1, item: 1, timestamp: 1.7e12 },
    { user: 1, item: 2, timestamp: new Date(1.7e12) },
  ];

  t.throws(() => ratingsFromRows(rows), {
    message: /1700000000000 at entry 0.*try timestamp \/ 1000/,
  });
  t.notThrows(() => ratingsFromRows(rows.slice(0, 1)));
});

test('a date to split at is refused if timestamps are milliseconds', (t) => {
  const ratings = ratingsFromRows([
    { user: 1, item: 1, timestamp: 1.6e12 },
    { user: 1, item: 2, timestamp: 1.7e12 },
  ]);

  t.throws(() => holdOut({ after: new Date(1.65e12) })(ratings), {
    message: /try .*date\.getTime\(\)/,
  });
});

test('−0 is the id 0 and the rating 0', (t) => {
  const ratings = ratingsFromRows([{ user: -0, item: 'tea', rating: -0 }]);

  t.deepEqual(triplesByUser(ratings), [[0, 'tea', 0]]);
});

test('columns of the wrong type are refused, and unknown ones', (t) => {
  const columns = { users: [0], items: [0], userCount: 1, itemCount: 1 };
  const refuses = (wrong: object, message: RegExp) =>
    t.throws(() => ratingsFromColumns({ ...columns, ...wrong } as never), { message });

  refuses({ users: ['0'] }, /user index "0" \(a string\) at entry 0; .*try Number\(index\)/);
  refuses({ items: BigInt64Array.of(0n) }, /item index 0n \(a bigint\)/);
  refuses({ ratings: ['5'] }, /rating "5" \(a string\).*try Number\(rating\)/);
  refuses({ timestamps: [1n] }, /timestamp 1n \(a bigint\)/);
  t.true(refuses({ userCuont: 1 }, /try userCount$/) instanceof InvalidOptionError);
});

const now = 1_700_000_000;
const moment = test.macro({
  exec(t, timestamp: number | Date, message?: RegExp) {
    const unlimited = Number.POSITIVE_INFINITY;
    const settings = {
      windowCount: unlimited,
      windowSeconds: unlimited,
      halfLifeSeconds: unlimited,
    };
    const log = new InteractionLog({ ...settings, weights: undefined });
    const add = () => log.add({ user: 'ann', item: 'tea', timestamp }, now);
    if (message === undefined) t.notThrows(add);
    else t.throws(add, { instanceOf: InvalidRatingError, message });
  },
  title: (provided, _timestamp, message) => `${provided} is ${message ? 'refused' : 'taken'}`,
});

test(
  'an interaction of milliseconds',
  moment,
  now * 1e3,
  /1700000000000 .*try timestamp \/ 1000 or a Date/,
);
test('an interaction of microseconds', moment, now * 1e6, /try timestamp \/ 1000000 or a Date/);
test('an interaction of nanoseconds', moment, now * 1e9, /try timestamp \/ 1000000000 or a Date/);
test('an interaction in two days', moment, new Date((now + 2 * 86_400) * 1e3), /check the clock/);
test('an interaction in an hour', moment, now + 3600);
test('an interaction of a date', moment, new Date(now * 1e3));
test('an interaction of long ago', moment, 0);
