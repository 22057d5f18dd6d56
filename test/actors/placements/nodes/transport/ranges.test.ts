import test from 'ava';
import {
  bytesOf,
  copyFrom,
  copyTo,
  type Range,
  sliceRanges,
} from '../../../../../actors/placements/nodes/transport/ranges.js';
import { RowFile } from '../../../../../src/row-file.js';

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

test('stretches of a file are copied as those of memory are, near or far from each other', (t) => {
  const size = 4_000_000;
  const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31) >> 3);
  const file = new RowFile(size);
  t.teardown(() => file.release());
  file.write(0, bytes);
  const [memory, nothing] = [new SharedArrayBuffer(size), new SharedArrayBuffer(0)];
  new Uint8Array(memory).set(bytes);
  // Gaps of one row, of many, and of none; stretches that go back; more in all than one read takes.
  const gaps = [256, 100_000, 0, 512, -3_000, 16_384, 16_385];
  const far: Range[] = [];
  for (let offset = 5_000, n = 0; offset < size - 40_000; n++) {
    far.push({ offset, bytes: 256 * (n % 5) });
    offset += 256 * (n % 5) + (n < 100 ? gaps[n % gaps.length]! : 256 * (n % 3));
  }
  const [found, expected] = [new Uint8Array(bytesOf(far)), new Uint8Array(bytesOf(far))];

  copyFrom(memory, far, expected);
  copyFrom(
    nothing,
    far.map((range) => ({ ...range, file })),
    found,
  );

  t.true(far.length > 2_000);
  t.true(Buffer.from(found).equals(expected));
});

test('beyond the end there is nothing', (t) => {
  t.deepEqual(sliceRanges(ranges, 7, 5), []);
  t.is(bytesOf(sliceRanges(ranges, 5, 5)), 2);
});
