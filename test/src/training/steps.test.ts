import test from 'ava';
import { atOnce, inTurns } from '../../../src/training/steps.js';

function* countTo(end: number, counted: number[]): Generator<undefined, string, undefined> {
  for (let at = 1; at <= end; at++) {
    counted.push(at);
    if (at < end) yield;
  }
  return 'done';
}

test('steps are done at once, or in turns of the event loop', async (t) => {
  const counted: number[] = [];
  t.is(atOnce(countTo(3, counted)), 'done');
  t.deepEqual(counted, [1, 2, 3]);

  const slowly: number[] = [];
  const done = inTurns(countTo(3, slowly), () => false);
  t.deepEqual(slowly, [1]);
  t.is(await done, 'done');
  t.deepEqual(slowly, [1, 2, 3]);
});

test('no step is done once they are stopped', async (t) => {
  const counted: number[] = [];
  let isStopped = false;
  const done = inTurns(countTo(3, counted), () => isStopped);
  isStopped = true;

  await t.throwsAsync(done, { code: 'ERR_STOPPED' });
  t.deepEqual(counted, [1]);
});
