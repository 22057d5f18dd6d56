import test from 'ava';
import { decodeIds, encodeIds, type IdColumn } from '../../../../src/model/store/id-column.js';
import { type Id, listedIds } from '../../../../src/ratings/id-vocabulary.js';
import { decodeArrow, encodeArrow } from '../../../helpers/probes/arrow-bytes.js';

const roundTrip = test.macro({
  async exec(t, ids: readonly Id[], type: IdColumn['column']['type']) {
    const { kind, column } = encodeIds(listedIds(ids));
    t.is(column.type, type);

    const columns = await decodeArrow(await encodeArrow({ id: column }, 16));
    const back = decodeIds(kind, columns.get('id'));

    t.deepEqual(
      ids.map((_, position) => back.at(position)),
      ids,
    );
    t.is(back.size, ids.length);
    for (const [position, id] of ids.entries()) t.is(back.positionOf(id), position);
  },
  title: (title = '') => `${title} come back as they were`,
});

test('strings', roundTrip, ['a', '', '1', 'ünï', '日本', '😀'], 'utf8');
test('dense indices', roundTrip, [0, 1, 2, 3], 'int32');
test('small integers', roundTrip, [7, -3, 2 ** 31 - 1, -(2 ** 31)], 'int32');
test('integers beyond 32 bits', roundTrip, [1, 2 ** 31, 2 ** 53 - 1], 'int64');
test('fractions', roundTrip, [0.5, 3, -1e300], 'float64');
test('bigints, small ones too', roundTrip, [5n, 2n ** 63n - 1n, -(2n ** 63n)], 'int64');
test('numbers beside bigints beyond 2⁵³', roundTrip, [5, 2n ** 60n], 'int64');
test('unsigned 64-bit bigints', roundTrip, [1n, 2n ** 64n - 1n], 'utf8');
test('ids of several types', roundTrip, ['1', 1, 1n, 0.5, '"', 'n'], 'utf8');
test('strings that UTF-8 cannot hold', roundTrip, ['\ud800', '\ud801'], 'utf8');
