import test from 'ava';
import fc from 'fast-check';
import { normOf, slackOf } from '../../../../../src/kernels/gpu/ranking/slack.js';
import { scoreItems } from '../../../../../src/model/ranking/score-items.js';

/** x·y as the worst GPU may have it: every step rounded towards zero, what is tiny becomes zero. */
function poorProduct(x: Float32Array, y: Float32Array): number {
  const flushed = (value: number) => (Math.abs(value) < 2 ** -126 ? 0 : value);
  const towardsZero = (value: number) => {
    const nearest = Math.fround(value);
    if (Math.abs(nearest) <= Math.abs(value)) return flushed(nearest);
    const bits = new Uint32Array(Float32Array.of(nearest).buffer);
    return flushed(new Float32Array(bits.map((each) => each - 1).buffer)[0]!);
  };
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    sum = towardsZero(sum + towardsZero(flushed(x[k]!) * flushed(y[k]!)));
  }
  return sum;
}

const element = fc.oneof(
  fc.float({ min: -2, max: 2, noNaN: true }),
  fc.float({ min: Math.fround(-1e-36), max: Math.fround(1e-36), noNaN: true }),
);
const rows = fc
  .integer({ min: 1, max: 70 })
  .chain((rank) =>
    fc.tuple(
      fc.array(element, { minLength: rank, maxLength: rank }),
      fc.array(element, { minLength: rank, maxLength: rank }),
      fc.constantFrom(1, 1e-20, 1e-30, 1e15),
    ),
  );

test('half of the slack is more than the worst float32 is off, and not much more than it can be', (t) => {
  fc.assert(
    fc.property(rows, ([left, right, size]) => {
      const x = Float32Array.from(left, (value) => value * size);
      const y = Float32Array.from(right);
      const norms = { user: normOf(x, 0, x.length), item: normOf(y, 0, y.length) };
      const slack = slackOf(norms, x.length);
      if (slack === undefined) return;
      const score = new Float32Array(1);
      scoreItems(x, y, x.length, score);

      t.true(Math.abs(poorProduct(x, y) - score[0]!) < slack / 2);
    }),
    { seed: 1, numRuns: 2000 },
  );
  t.true(slackOf({ user: 1, item: 1 }, 64)! < 2e-5);
});

test('rows without a direction, without numbers, or too long for float32 have no slack', (t) => {
  t.is(slackOf({ user: 0, item: 1 }, 8), undefined);
  t.is(slackOf({ user: Number.NaN, item: 1 }, 8), undefined);
  t.is(slackOf({ user: 1, item: Number.POSITIVE_INFINITY }, 8), undefined);
  t.is(slackOf({ user: 1e20, item: 1e18 }, 8), undefined);
});
