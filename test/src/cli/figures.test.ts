import test from 'ava';
import {
  asBytes,
  asCompact,
  asCount,
  asFigure,
  asLoss,
  asPercent,
  asSeconds,
  counted,
} from '../../../src/cli/figures.js';

const reads = test.macro({
  exec(t, format: (value: number) => string, table: readonly (readonly [number, string])[]) {
    for (const [value, text] of table) t.is(format(value), text, String(value));
  },
  title: (_, format: (value: number) => string) =>
    `${format.name} reads well from tiny to huge, and where there is no figure`,
});

test(reads, asSeconds, [
  [0, '0 s'],
  [0.0004, '< 0.001 s'],
  [0.0005, '0.001 s'],
  [9.9994, '9.999 s'],
  [9.9996, '10.0 s'],
  [119.94, '119.9 s'],
  [119.96, '2 min 0 s'],
  [3599.7, '60 min 0 s'],
  [7199.7, '2 h 0 min'],
  [47.9 * 3600, '47 h 54 min'],
  [76 * 3600, '3 d 4 h'],
  [Number.POSITIVE_INFINITY, '-'],
  [Number.NaN, '-'],
  [-1, '-'],
]);
test(reads, asCount, [
  [-0.2, '0'],
  [1, '1'],
  [100_004, '100,004'],
  [-1234.6, '-1,235'],
  [Number.NaN, '-'],
]);
test(reads, asCompact, [
  [0, '0'],
  [0.25, '0.25'],
  [4_620_000, '4.62M'],
  [1.2e18, '1.2e+18'],
  [3e-7, '3e-7'],
  [Number.POSITIVE_INFINITY, '-'],
]);
test(reads, asBytes, [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_960, '1.0 MB'],
  [12_345_678, '12.3 MB'],
  [3.21e12, '3.2 TB'],
  [5e15, '5000.0 TB'],
  [Number.NaN, '-'],
]);
test(reads, asPercent, [
  [0, '0.00 %'],
  [0.0164, '1.64 %'],
  [1, '100 %'],
  [-0.000215, '-0.0215 %'],
  [12.345, '1,235 %'],
  [2.5e-9, '2.5e-7 %'],
  [1e9, '1e+11 %'],
  [Number.NaN, '-'],
]);
test(reads, asFigure, [
  [0, '0.0000'],
  [-0, '0.0000'],
  [0.25471, '0.2547'],
  [-0.00001, '-1e-5'],
  [2.42e-14, '2.42e-14'],
  [12_345.6, '12,346'],
  [1e21, '1e+21'],
  [Number.NaN, '-'],
]);
test(reads, asLoss, [
  [519_683.4, '519,683'],
  [16.98412, '16.98'],
  [0.0031274, '0.003127'],
  [4.2e-9, '4.2e-9'],
  [-3, '-3'],
  [1e300, '1e+300'],
  [Number.NaN, '-'],
]);

test('one is one, and all other counts are many', (t) => {
  t.deepEqual(
    [0, 1, 2, 1000].map((count) => counted(count, 'rating')),
    ['0 ratings', '1 rating', '2 ratings', '1,000 ratings'],
  );
});
