import test from 'ava';
import { ColumnError } from '../../../src/errors.js';
import { type ColumnNames, findColumns } from '../../../src/io/guess-columns.js';

function columns(text: string) {
  return text.split(', ').map((column) => {
    const [name = '', type = 'BIGINT'] = column.split(':');
    return { name, type };
  });
}

const finds = test.macro({
  exec(t, given: string, expected: object, named: ColumnNames = {}) {
    const found = Object.entries(findColumns(columns(given), named));

    t.deepEqual(Object.fromEntries(found.map(([role, column]) => [role, column.name])), expected);
  },
  title: (provided, given) => `finds ${provided ?? 'the roles'} among ${given}`,
});
test(finds, 'userId, movieId, rating, timestamp', {
  user: 'userId',
  item: 'movieId',
  rating: 'rating',
  timestamp: 'timestamp',
});
test(finds, 'book_id, User ID, fold', { user: 'User ID', item: 'book_id' });
test(finds, 'plays, artist:VARCHAR, account:VARCHAR', {
  user: 'account',
  item: 'artist',
  rating: 'plays',
});
test('reviews', finds, 'customer_id, review_id:VARCHAR, product_id:VARCHAR, star_rating, votes', {
  user: 'customer_id',
  item: 'product_id',
  rating: 'star_rating',
});
test(
  'an unusual name by option',
  finds,
  'who, item, rating',
  { user: 'who', item: 'item', rating: 'rating' },
  { user: 'who' },
);
test('a name in another case', finds, 'WHO, item', { user: 'WHO', item: 'item' }, { user: 'who' });
test('roles by order', finds, 'column0, column1, column2, column3', {
  user: 'column0',
  item: 'column1',
  rating: 'column2',
  timestamp: 'column3',
});
test('pairs by order', finds, 'package:VARCHAR, dependency:VARCHAR', {
  user: 'package',
  item: 'dependency',
});
test(
  'no timestamp where there is none',
  finds,
  'column0, column1, column2, column3',
  { user: 'column0', item: 'column1', rating: 'column2' },
  { timestamp: false },
);
test('a timestamp in text', finds, 'user, item, date:VARCHAR', {
  ...{ user: 'user', item: 'item' },
  timestamp: 'date',
});
test('the one column that says how much', finds, 'user, item, listen_count, weight:VARCHAR', {
  ...{ user: 'user', item: 'item' },
  rating: 'listen_count',
});
test('a rating rather than a count', finds, 'user, item, count, Book-Rating', {
  ...{ user: 'user', item: 'item' },
  rating: 'Book-Rating',
});
test(
  'no rating where there is none',
  finds,
  'user, item, rating',
  { user: 'user', item: 'item' },
  { rating: false },
);

const refuses = test.macro({
  exec(t, given: string, code: string, named: ColumnNames = {}) {
    t.throws(() => findColumns(columns(given), named), { instanceOf: ColumnError, code });
  },
  title: (provided, given) => `${provided} is no guess: ${given}`,
});
const notFound = 'ERR_COLUMN_NOT_FOUND';
test('a file about items', refuses, 'id, title:VARCHAR', notFound);
test('an item alone', refuses, 'movieId, rating, other', notFound);
test('text in the place of a rating', refuses, 'a, b, c:VARCHAR', notFound);
test('more than four columns', refuses, 'a, b, c, d, e', notFound);
test('one column', refuses, 'a', notFound);
test('fractions where a user would be', refuses, 'a:DOUBLE, b', notFound);
test('a usual name with an odd type', refuses, 'user, item, rating:DATE', 'ERR_COLUMN_TYPE');
test('two columns that say how much', refuses, 'user, item, clicks, plays', notFound);
