import test from 'ava';
import { columnsLines } from '../../../src/cli/columns-line.js';

test('the lines say which columns were read as what, and which were not', (t) => {
  const columns = {
    user: 'User-ID',
    item: 'ISBN',
    rating: 'Book-Rating',
    unread: ['title', 'age'],
  };

  t.deepEqual(columnsLines({ columns }), [
    'user "User-ID", item "ISBN", rating "Book-Rating", no timestamp',
    'unread: "title", "age"',
  ]);
});

test('the lines say that all ratings are 1', (t) => {
  const columns = { user: 'u', item: 'i', timestamp: 'at', unread: [] };

  t.deepEqual(columnsLines({ columns }), [
    'user "u", item "i", no rating (all are 1), timestamp "at"',
  ]);
});

test('the lines count bad rows and name the first', (t) => {
  const skippedRows = { count: 2, first: { file: 'a.csv', line: 7, text: 'x' } };

  t.deepEqual(columnsLines({ skippedRows }), ['2 bad rows left out, the first in line 7 of a.csv']);
  t.deepEqual(columnsLines({ skippedRows: { count: 0, first: undefined } }), []);
  t.deepEqual(columnsLines({}), []);
});
