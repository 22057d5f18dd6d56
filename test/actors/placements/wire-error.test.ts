import test from 'ava';
import { StoppedError } from '../../../actors/errors.js';
import { fromWire, toWire } from '../../../actors/placements/wire-error.js';
import { SingularSystemError } from '../../../src/errors.js';

test('a singular system keeps its class and fields across a thread', (t) => {
  const error = fromWire(structuredClone(toWire(new SingularSystemError('item', 7))));

  t.true(error instanceof SingularSystemError);
  t.like(error, { code: 'ERR_SINGULAR_SYSTEM', side: 'item', row: 7 });
});

test('a stop keeps its class across a thread', (t) => {
  t.true(fromWire(structuredClone(toWire(new StoppedError()))) instanceof StoppedError);
});

test('any other error keeps its message and stack across a thread', (t) => {
  const cause = new RangeError('out of something');

  const error = fromWire(structuredClone(toWire(cause)));

  t.is(error.message, cause.message);
  t.is(error.stack, cause.stack);
});

test('what is not an error becomes one', (t) => {
  t.is(fromWire(structuredClone(toWire('no error'))).message, 'no error');
});
