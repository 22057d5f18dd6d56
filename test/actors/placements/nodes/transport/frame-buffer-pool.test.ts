import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { FrameBufferPool } from '../../../../../actors/placements/nodes/transport/frame-buffer-pool.js';

test('what leaves in one turn of the event loop has room of its own', (t) => {
  const room = new FrameBufferPool();

  const lent = [100, 100, 70].map((bytes) => room.lend(bytes));

  t.deepEqual(
    lent.map(({ length }) => length),
    [100, 100, 70],
  );
  t.is(new Set(lent.map(({ buffer }) => buffer)).size, 3);
});

test('the next turn is lent the same memory', async (t) => {
  const room = new FrameBufferPool();
  const { buffer } = room.lend(100);

  await nextTurn();

  t.is(room.lend(60).buffer, buffer);
});

test('what needs more than all before gets it', async (t) => {
  const room = new FrameBufferPool();
  const small = room.lend(10);
  await nextTurn();

  const large = room.lend(1000);

  t.is(large.length, 1000);
  t.not(large.buffer, small.buffer);
});
