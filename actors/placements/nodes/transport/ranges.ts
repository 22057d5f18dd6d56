import type { RowFile } from '../../../../src/row-file.js';

/** A stretch of a job's memory, or of the file that its rows lie in. */
export interface Range {
  /** First byte. */
  readonly offset: number;
  readonly bytes: number;
  /** Where it lies if not in memory. */
  readonly file?: RowFile;
}

/** Bytes of stretches of memory in all. */
export function bytesOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes `at` … `at + bytes − 1` of stretches of memory that are counted as if they were one. */
export function sliceRanges(ranges: readonly Range[], at: number, bytes: number): Range[] {
  const found: Range[] = [];
  let start = 0;
  for (const range of ranges) {
    const from = Math.max(at - start, 0);
    const to = Math.min(at + bytes - start, range.bytes);
    if (from < to) found.push({ ...range, offset: range.offset + from, bytes: to - from });
    start += range.bytes;
  }
  return found;
}

/** Copies stretches of memory, one after the other, to `target`, which has room for all. */
export function copyFrom(
  memory: SharedArrayBuffer,
  ranges: readonly Range[],
  target: Uint8Array,
): void {
  let at = 0;
  for (const { offset, bytes, file } of ranges) {
    if (file) file.read(offset, target.subarray(at, at + bytes));
    else target.set(new Uint8Array(memory, offset, bytes), at);
    at += bytes;
  }
}

/** Copies `source` into stretches of memory, which take all of it. */
export function copyTo(
  memory: SharedArrayBuffer,
  ranges: readonly Range[],
  source: Uint8Array,
): void {
  let at = 0;
  for (const { offset, bytes, file } of ranges) {
    const from = source.subarray(at, at + bytes);
    if (file) file.write(offset, from);
    else new Uint8Array(memory, offset, bytes).set(from);
    at += bytes;
  }
}
