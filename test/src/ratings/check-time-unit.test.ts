import test from 'ava';
import { InvalidRatingError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';

const seconds = Date.UTC(2020, 0) / 1000;

test('timestamps in seconds beside milliseconds are refused', (t) => {
  const timestamps = [0, seconds, seconds * 1000];
  const refused = { instanceOf: InvalidRatingError, message: /one unit; try timestamp \/ 1000/ };

  t.throws(
    () => ratingsFromRows(timestamps.map((timestamp, item) => ({ user: 1, item, timestamp }))),
    refused,
  );
  const [users, items] = [
    [0, 0, 0],
    [0, 1, 2],
  ];
  t.throws(
    () => ratingsFromColumns({ users, items, timestamps, userCount: 1, itemCount: 3 }),
    refused,
  );
});

test('timestamps in any one unit are kept as they are, unknown ones and zeros beside them', (t) => {
  for (const unit of [1, 1e3, 1e6, 1e-6]) {
    const known = [0, seconds * unit, (seconds + 1) * unit];
    const rows = [undefined, ...known].map((timestamp, item) => ({ user: 1, item, timestamp }));

    const { timestamps } = ratingsFromRows(rows);

    t.deepEqual(
      [...timestamps!].sort((a, b) => a - b),
      [-Infinity, ...known],
    );
  }
});
