import test from 'ava';
import { integers, logUniform, uniform } from '../../../dataflow/search/distributions.js';
import { InvalidOptionError } from '../../../src/errors.js';

/** The largest number below 1 that a draw can have. */
const almostOne = 1 - 2 ** -32;

test('uniform goes from low to high in equal steps', (t) => {
  const draw = uniform(2, 6);

  t.deepEqual([draw(0), draw(0.25), draw(0.5)], [2, 3, 4]);
  t.true(draw(almostOne) < 6);
});

test('logUniform gives every order of magnitude the same room', (t) => {
  const draw = logUniform(0.01, 100);

  t.is(draw(0), 0.01);
  t.true(Math.abs(draw(0.25) - 0.1) < 1e-12);
  t.true(Math.abs(draw(0.75) - 10) < 1e-12);
});

test('integers include both ends, all alike', (t) => {
  const draw = integers(3, 6);

  t.deepEqual([0, 0.24, 0.25, 0.5, 0.75, almostOne].map(draw), [3, 3, 4, 5, 6, 6]);
});

test('ranges that are none are refused at once', (t) => {
  for (const make of [
    () => uniform(2, 2),
    () => uniform(0, Number.NaN),
    () => logUniform(0, 1),
    () => logUniform(-1, 1),
    () => integers(1, 2.5),
    () => integers(5, 1),
  ]) {
    t.throws(make, { instanceOf: InvalidOptionError });
  }
});
