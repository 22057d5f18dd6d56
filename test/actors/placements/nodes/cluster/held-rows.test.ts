import test from 'ava';
import { HeldRows } from '../../../../../actors/placements/nodes/cluster/held-rows.js';

const table = { type: 'factors', side: 'user', generation: 2 } as const;
const stretch = { table, block: 1 };

test('a node holds nothing until something is added, and then all that was', (t) => {
  const held = new HeldRows();
  t.is(held.choiceOf(stretch), 0);

  held.add(stretch, 0b01);
  held.add(stretch, 0b100);
  t.is(held.choiceOf(stretch), 0b101);
  t.is(held.choiceOf({ table, block: 2 }), 0);

  held.add(stretch, 'all');
  held.add(stretch, 0b10);
  t.is(held.choiceOf(stretch), 'all');
});

test('what was added has arrived when all of it has', async (t) => {
  const held = new HeldRows();
  const order: string[] = [];
  let arrive = (): void => {};
  held.add(
    stretch,
    0b01,
    new Promise<void>((resolve) => {
      arrive = resolve;
    }),
  );
  held.add(stretch, 0b10, Promise.resolve());

  const arrived = held.arrived([stretch, { table, block: 5 }]).then(() => order.push('arrived'));
  await new Promise((resolve) => setImmediate(resolve));
  order.push('before');
  arrive();
  await arrived;

  t.deepEqual(order, ['before', 'arrived']);
});

test('tables that are not kept are forgotten', (t) => {
  const held = new HeldRows();
  const older = { table: { ...table, generation: 1 }, block: 1 };
  held.add(stretch, 'all');
  held.add(older, 'all');

  held.keepOnly([table]);

  t.is(held.choiceOf(stretch), 'all');
  t.is(held.choiceOf(older), 0);
});
