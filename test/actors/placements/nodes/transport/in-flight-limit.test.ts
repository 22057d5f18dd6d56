import test from 'ava';
import { InFlightLimit } from '../../../../../actors/placements/nodes/transport/in-flight-limit.js';

const mebibyte = 2 ** 20;

test('as many enter as there is room for, and the next when one leaves', async (t) => {
  const limit = new InFlightLimit(2 * mebibyte, () => 0);
  const order: string[] = [];
  const [first] = await Promise.all([limit.enter(mebibyte), limit.enter(mebibyte)]);
  const third = limit.enter(mebibyte).then((leave) => {
    order.push('third');
    return leave;
  });
  await settle();
  order.push('one leaves');

  first!();
  await third;

  t.deepEqual(order, ['one leaves', 'third']);
});

test('they enter in the order in which they came, also a small one behind a large one', async (t) => {
  const limit = new InFlightLimit(2 * mebibyte, () => 0);
  const order: string[] = [];
  const first = await limit.enter(mebibyte);
  const large = limit.enter(2 * mebibyte).then((leave) => {
    order.push('large');
    leave();
  });
  const small = limit.enter(1).then(() => order.push('small'));

  first();
  await Promise.all([large, small]);

  t.deepEqual(order, ['large', 'small']);
});

test('what is larger than the limit goes alone', async (t) => {
  const limit = new InFlightLimit(10, () => 0);

  const leave = await limit.enter(1000);
  leave();
  await limit.enter(10);

  t.pass();
});

test('the room halves when pieces take long, and patience grows with them', async (t) => {
  let now = 0;
  const limit = new InFlightLimit(4 * mebibyte, () => now);
  t.is(limit.ackTimeoutMs, 1_000);

  const leave = await limit.enter(mebibyte);
  now = 3_000;
  leave();

  t.is(limit.ackTimeoutMs, 12_000);
  await limit.enter(2 * mebibyte);
  let hasEntered = false;
  void limit.enter(1).then(() => {
    hasEntered = true;
  });
  await settle();
  t.false(hasEntered);
});

test('the room grows when pieces are quick, up to the most', async (t) => {
  const limit = new InFlightLimit(5 * mebibyte, () => 0);
  for (let n = 0; n < 9; n++) (await limit.enter(mebibyte))();

  let count = 0;
  for (let n = 0; n < 9; n++) {
    void limit.enter(mebibyte).then(() => {
      count++;
    });
  }
  await settle();

  t.is(count, 5);
});

/** Lets everything happen that waits for nothing. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
