import test from 'ava';
import { randomAt } from '../../../src/random.js';
import { TimesDetector, timesIn } from '../../../src/ratings/times-detector.js';

const drawn = (from: number, to: number, count = 500) =>
  Float32Array.from({ length: count }, (_, i) => from + (to - from) * randomAt(1, 0, i));

test('Unix times are recognised in seconds, milliseconds and microseconds', (t) => {
  t.like(timesIn(drawn(874724710, 893286638)), { unit: 'seconds' });
  t.like(timesIn(drawn(1.6e9, 1.63e9)), { unit: 'seconds' });
  t.like(timesIn(drawn(1.6e12, 1.7e12)), { unit: 'milliseconds' });
  t.like(timesIn(drawn(1.6e15, 1.7e15)), { unit: 'microseconds' });
  t.like(timesIn(Float32Array.of(1.6e9)), { unit: 'seconds', least: 1.6e9, most: 1.6e9 });
});

test('a few zeros among times do not hide them', (t) => {
  const ratings = drawn(1.6e9, 1.63e9);
  ratings.fill(0, 100, 105);
  t.like(timesIn(ratings), { unit: 'seconds' });
  ratings.fill(0, 100, 150);
  t.is(timesIn(ratings), undefined);
});

test('stars, counts and large numbers are no times', (t) => {
  t.is(timesIn(drawn(0, 5)), undefined);
  t.is(timesIn(drawn(1, 352_698)), undefined);
  t.is(timesIn(drawn(1, 4e9)), undefined);
  t.is(timesIn(drawn(1e30, 5e30)), undefined);
  t.is(timesIn(drawn(-5, 5)), undefined);
  t.is(timesIn(new Float32Array(0)), undefined);
  t.is(timesIn(Float32Array.of(1.6e9, 1.6e12)), undefined);
});

test('batches are recognised together', (t) => {
  const detector = new TimesDetector(1000);
  detector.add(drawn(1.6e9, 1.63e9));
  t.like(detector.found(), { unit: 'seconds' });
  detector.add(drawn(1, 5));
  t.is(detector.found(), undefined);
});
