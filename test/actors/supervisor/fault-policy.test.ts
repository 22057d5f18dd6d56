import test from 'ava';
import { NodeMemoryError } from '../../../actors/errors.js';
import { decideFault, maxAttempts } from '../../../actors/supervisor/fault-policy.js';
import { PlacementError, SingularSystemError } from '../../../src/errors.js';

test('a failure is tried again until the limit', (t) => {
  const decisions = Array.from({ length: maxAttempts }, (_, tried) =>
    decideFault(new Error('thread died'), tried + 1),
  );

  t.deepEqual(decisions, ['solve-again', 'solve-again', 'give-up']);
});

test('impossible arithmetic is not tried again', (t) => {
  t.is(decideFault(new SingularSystemError('user', 3), 1), 'give-up');
});

test('a placement that has lost everybody is not tried again', (t) => {
  t.is(decideFault(new PlacementError('found no worker'), 1), 'give-up');
});

test('a job that has waited for memory in vain is not tried again', (t) => {
  t.is(decideFault(new NodeMemoryError(2, 1, 1), 1), 'give-up');
});
