import test from 'ava';
import { rowBytesOf } from '../../../../../actors/placements/nodes/protocol/row-piece.js';
import {
  readBy,
  readerSelectionsOf,
} from '../../../../../actors/placements/nodes/protocol/row-selection.js';
import {
  fullBroadcastBytesOf,
  Routing,
  rowBytesSent,
} from '../../../../../actors/placements/nodes/rows/routing.js';
import { bitsNeeded } from '../../../../../actors/placements/nodes/worker/needed-rows.js';
import type { JobLayout } from '../../../../../src/kernels/job-layout.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import type { RatingsSource } from '../../../../../src/ratings/described-ratings.js';
import { openJob, randomRatings, ratingsOf, withhold } from '../../../../helpers/builders/jobs.js';

test('the readers of a row are the blocks that rate it or withhold a rating of it', (t) => {
  const ratings = randomRatings({ users: 40, items: 30, density: 0.1 });
  const heldOut = withhold(ratings, [
    [0, 1, 3],
    [7, 2, 1],
  ]);
  const { job } = openJob(chooseKernel('auto'), ratings, { rank: 4, blocks: 4 }, { heldOut });
  const { layout } = job;

  for (const [side, rows, held] of [
    ['user', ratings.byUser, heldOut.byUser],
    ['item', ratings.byItem, heldOut.byItem],
  ] as const) {
    const { blockStarts } = layout[side === 'user' ? 'item' : 'user'];
    const blockOf = (column: number) => blockStarts.findLastIndex((start) => start <= column);
    const found = readerSelectionsOf(layout, side);
    for (const [row, mask] of found.entries()) {
      const columns = [rows, held].flatMap(({ offsets, columns }) => [
        ...columns.subarray(offsets[row], offsets[row + 1]),
      ]);
      t.is(mask, readBy(columns.map(blockOf)), `${side} ${row}`);
    }
  }
});

test('two groups that rate nothing in common need no row of each other', (t) => {
  const layout = jobOfTwoGroups();
  const owners = ['a', 'b'];

  const { broadcast, routed } = rowBytesSent(
    layout,
    'item',
    readerSelectionsOf(layout, 'item'),
    owners,
    owners,
  );

  // Every item to the other node; routed, only the bits to it and to both.
  t.is(broadcast, 20 * rowBytesOf(layout));
  t.is(routed, (1 + 2) * (20 / 8));
  t.is(new Routing(layout, 'auto').choice('item', [0], owners, owners), 0b01);
});

test('where nodes read the ratings, rows are routed once it is known what every block needs', (t) => {
  const layout = jobOfTwoGroups();
  const source = aSource;
  const owners = ['a', 'b'];
  const routing = new Routing({ ...layout, source }, 'routed');
  const choice = () => routing.choice('item', [1], owners, owners);

  const before = choice();
  routing.learn('user', 0, bitsNeeded(layout, 'user', 0));
  const between = choice();
  t.false(routing.wantsToKnow('user', 0));
  t.true(routing.wantsToKnow('user', 1));
  routing.learn('user', 1, bitsNeeded(layout, 'user', 1));
  // Another node may read a block again.
  routing.learn('user', 1, new Uint8Array(8).fill(255));

  t.deepEqual([before, between, choice()], ['all', 'all', 0b10]);
  t.deepEqual(routing.readers('item'), readerSelectionsOf(layout, 'item'));
  t.is(routing.choice('user', [1], owners, owners), 'all');
  const broadcasting = new Routing({ ...layout, source }, 'broadcast');
  t.false(broadcasting.wantsToKnow('user', 0));
});

test('rows that everybody rates are broadcast, unless routing is asked for', (t) => {
  const ratings = randomRatings({ users: 20, items: 20, density: 1 });
  const { job } = openJob(chooseKernel('auto'), ratings, { rank: 4, blocks: 2 });
  const owners = ['a', 'b'];
  const choice = (mode: 'auto' | 'broadcast' | 'routed') =>
    new Routing(job.layout, mode).choice('user', [1], owners, owners);

  t.is(choice('auto'), 'all');
  t.is(choice('broadcast'), 'all');
  t.is(choice('routed'), 0b10);
});

test('a node without blocks needs no rows', (t) => {
  const layout = jobOfTwoGroups();

  t.is(new Routing(layout, 'broadcast').choice('item', [], ['a', 'b'], ['a', 'b']), 0);
});

test('a plain broadcast is every row and the Gram matrix, to every node', (t) => {
  const layout = jobOfTwoGroups();

  t.is(fullBroadcastBytesOf(layout, 'item', 3), 3 * (20 + layout.stride) * rowBytesOf(layout));
});

/** Where nodes would read ratings from. */
const aSource = { files: ['/ratings.csv'], duplicates: 'sum' } as unknown as RatingsSource;

/** Users 0 … 9 rate items 0 … 9, and the others the others; two blocks a side are the groups. */
function jobOfTwoGroups(): JobLayout {
  const cells = Array.from({ length: 200 }, (_, at): [number, number, number] => {
    const user = Math.floor(at / 10);
    return [user, (at % 10) + (user < 10 ? 0 : 10), 1];
  });
  const ratings = ratingsOf(cells, 20, 20);
  return openJob(chooseKernel('auto'), ratings, { rank: 4, blocks: 2 }).job.layout;
}
