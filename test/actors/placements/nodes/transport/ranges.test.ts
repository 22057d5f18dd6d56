import test from 'ava';
import {
  bytesOf,
  copyFrom,
  copyTo,
  sliceRanges,
} from '../../../../../actors/placements/nodes/transport/ranges.js';

const ranges = [
  { offset: 10, bytes: 3 },
  { offset: 0, bytes: 0 },
  { offset: 2, bytes: 4 },
];

test('pieces of stretches of memory are what they are together', (t) => {
  const memory = new SharedArrayBuffer(16);
  new Uint8Array(memory).forEach((_, at, bytes) => {
    bytes[at] = at;
  });
  const target = new Uint8Array(bytesOf(ranges));

  for (let at = 0; at < 7; at += 2) {
    const bytes = Math.min(2, 7 - at);
    copyFrom(memory, sliceRanges(ranges, at, bytes), target.subarray(at, at + bytes));
  }

  t.deepEqual([...target], [10, 11, 12, 2, 3, 4, 5]);
});

test('what is copied to stretches of memory lies where it was copied from', (t) => {
  const memory = new SharedArrayBuffer(16);

  copyTo(memory, sliceRanges(ranges, 1, 4), Uint8Array.of(1, 2, 3, 4));

  t.deepEqual([...new Uint8Array(memory)], [0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0]);
});

test('beyond the end there is nothing', (t) => {
  t.deepEqual(sliceRanges(ranges, 7, 5), []);
  t.is(bytesOf(sliceRanges(ranges, 5, 5)), 2);
});
