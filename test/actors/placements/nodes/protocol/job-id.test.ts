import test from 'ava';
import fc from 'fast-check';
import { takesJob, uniqueJobId } from '../../../../../actors/placements/nodes/protocol/job-id.js';

for (const [pattern, name, expected] of [
  ['*', 'nightly', true],
  ['nightly', 'nightly', true],
  ['nightly', 'nightly2', false],
  ['night*', 'nightly', true],
  ['*ly', 'nightly', true],
  ['n*t*y', 'nightly', true],
  ['n*t*t*y', 'nightly', false],
  ['night*tly', 'nightly', false],
  ['**', 'nightly', true],
] as const) {
  test(`pattern ${pattern} ${expected ? 'takes' : 'does not take'} job ${name}`, (t) => {
    t.is(takesJob(pattern, uniqueJobId(name)), expected);
  });
}

test('patterns agree with the regular expression that they stand for', (t) => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 6 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(letters, name, (pattern, job) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
      t.is(takesJob(pattern, `${job}-0f`), expression.test(job));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a pattern of many stars takes no time', (t) => {
  t.false(takesJob(`${'*a'.repeat(39)}*b`, uniqueJobId('a'.repeat(40))));
});
