import test from 'ava';
import fc from 'fast-check';
import {
  isHot,
  planRows,
  type RowWish,
} from '../../../../../actors/placements/nodes/rows/plan-rows.js';

test('what a node has is not sent', (t) => {
  const wishes: RowWish[] = [
    { wanted: 'all', held: 'all' },
    { wanted: 0b1, held: 0b11 },
    { wanted: 0, held: 0 },
  ];

  t.deepEqual(planRows(wishes, 4, unread, 3), []);
});

test('rows for one node go to it alone', (t) => {
  const wishes: RowWish[] = [
    { wanted: 'all', held: 'all' },
    { wanted: 'all', held: 0 },
  ];

  t.deepEqual(planRows(wishes, 4, unread, 2), [{ to: [1], isForAll: false }]);
});

test('rows for most nodes go to all at once', (t) => {
  const wishes = Array.from({ length: 3 }, (): RowWish => ({ wanted: 'all', held: 0 }));

  t.deepEqual(planRows(wishes, 4, unread, 4), [{ to: [0, 1, 2], isForAll: true }]);
});

test('a hot row is broadcast, and the tail goes to who reads it', (t) => {
  const wishes = [0b001, 0b010, 0b100].map((wanted): RowWish => ({ wanted, held: 0 }));
  const readers = Uint32Array.of(0b111, 0b001, 0b100, 0);

  t.deepEqual(
    planRows(wishes, 4, () => readers, 3),
    [
      { to: [0, 1, 2], isForAll: true, chosen: Uint8Array.of(0b0001) },
      { to: [0], isForAll: false, chosen: Uint8Array.of(0b0010) },
      { to: [2], isForAll: false, chosen: Uint8Array.of(0b0100) },
    ],
  );
});

test('a node that takes a block over gets only the rows that it lacks', (t) => {
  const readers = Uint32Array.of(0b01, 0b11, 0b10, 0b10);

  t.deepEqual(
    planRows([{ wanted: 0b10, held: 0b01 }], 4, () => readers, 2),
    [{ to: [0], isForAll: false, chosen: Uint8Array.of(0b1100) }],
  );
});

test('whatever the wishes are, every node gets or has every row that it wants', (t) => {
  const choice = fc.oneof(fc.constant('all' as const), fc.integer({ min: 0, max: 15 }));
  const wish = fc.record({ wanted: choice, held: choice });
  const masks = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 });

  fc.assert(
    fc.property(fc.array(wish, { maxLength: 6 }), masks, (wishes, rows) => {
      const readers = Uint32Array.from(rows);
      const plan = planRows(wishes, rows.length, () => readers, Math.max(wishes.length, 1));
      for (const [at, { wanted, held }] of wishes.entries()) {
        for (const [row, mask] of rows.entries()) {
          const isIn = (choice: RowWish['held']) => choice === 'all' || (mask & choice) !== 0;
          const isSent = plan.some(
            ({ to, chosen }) =>
              to.includes(at) &&
              (chosen === undefined || (chosen[row >> 3]! & (1 << (row & 7))) !== 0),
          );
          if (isIn(wanted) && !isIn(held) && !isSent) return false;
        }
      }
      return true;
    }),
    { seed: 7 },
  );
  t.pass();
});

test('a row is hot when sending it once to all takes fewer bytes, or as many', (t) => {
  t.false(isHot(1, 1));
  t.false(isHot(1, 2));
  t.true(isHot(2, 3));
  t.false(isHot(2, 4));
  t.true(isHot(5, 8));
});

function unread(): Uint32Array {
  throw new Error('no node wants some rows');
}
