import test from 'ava';
import { JoinGrace } from '../../../../../actors/placements/nodes/cluster/join-grace.js';

const { signal } = new AbortController();
const limitMs = 5;

test('nothing is waited for when no worker joins', async (t) => {
  const asked: string[] = [];
  const joining = {
    isSettled: true,
    async settled() {
      asked.push('settled');
    },
  };

  await new JoinGrace(() => 0).wait(joining, limitMs, signal);

  t.deepEqual(asked, []);
});

test('who joins in time is waited for, and costs nothing of the grace', async (t) => {
  let waits = 0;
  const joining = {
    isSettled: false,
    async settled() {
      waits++;
      joining.isSettled = true;
    },
  };
  let nowMs = 0;
  const grace = new JoinGrace(() => (nowMs += 1_000));

  for (let phase = 0; phase < 20; phase++) {
    joining.isSettled = false;
    await grace.wait(joining, limitMs, signal);
  }

  t.is(waits, 20);
});

test('those who never join are waited for until the grace is used up', async (t) => {
  let waits = 0;
  const joining = {
    isSettled: false,
    settled() {
      waits++;
      return new Promise<void>(() => {});
    },
  };
  let nowMs = 0;
  // Every wait takes 2 s by this clock.
  const grace = new JoinGrace(() => (nowMs += 2_000));

  for (let phase = 0; phase < 20; phase++) await grace.wait(joining, limitMs, signal);

  t.is(waits, 3);
});

test('a wait ends when the job does', async (t) => {
  const closing = new AbortController();
  const joining = { isSettled: false, settled: () => new Promise<void>(() => {}) };
  const waiting = new JoinGrace(() => 0).wait(joining, 1e6, closing.signal);
  closing.abort();
  await t.notThrowsAsync(waiting);
});
