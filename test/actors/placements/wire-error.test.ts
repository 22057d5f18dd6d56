import test from 'ava';
import { fromWire, toWire } from '../../../actors/placements/wire-error.js';
import {
  KernelFaultError,
  KernelUnavailableError,
  MemoryLimitError,
  MemoryRefusedError,
  SingularSystemError,
  StoppedError,
} from '../../../src/errors.js';

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

for (const sent of [
  new KernelFaultError('wasm-simd128', 'solve user block 3', 'unreachable'),
  new KernelUnavailableError('found no kernel'),
  new MemoryLimitError(9e9, 2 ** 32),
  new MemoryRefusedError(2 ** 30),
]) {
  test(`a ${sent.name} keeps its class, fields and message across a thread`, (t) => {
    const received = fromWire(structuredClone(toWire(sent)));

    t.is(received.constructor, sent.constructor);
    t.deepEqual({ ...received }, { ...sent });
    t.is(received.message, sent.message);
  });
}
