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

/** Stretches of a file this near to each other are read together: a call takes longer than these bytes. */
const maxGapBytes = 16 * 1024;
/** So many bytes are read together at most, unless one stretch is longer. */
const maxReadBytes = 1024 * 1024;

/** Copies stretches of memory, one after the other, to `target`, which has room for all. */
export function copyFrom(
  memory: SharedArrayBuffer,
  ranges: readonly Range[],
  target: Uint8Array,
): void {
  let at = 0;
  for (let first = 0; first < ranges.length; ) {
    const { offset, bytes, file } = ranges[first]!;
    if (file === undefined) {
      target.set(new Uint8Array(memory, offset, bytes), at);
      at += bytes;
      first++;
      continue;
    }
    const together = readTogether(ranges, first);
    at += copyFromFile(file, ranges.slice(first, first + together), target.subarray(at));
    first += together;
  }
}

/** How many stretches from one of a file on are read in one call. */
function readTogether(ranges: readonly Range[], first: number): number {
  const { offset, file } = ranges[first]!;
  let count = 1;
  for (let end = offset + ranges[first]!.bytes; first + count < ranges.length; count++) {
    const next = ranges[first + count]!;
    const isNear = next.offset >= end && next.offset - end <= maxGapBytes;
    end = next.offset + next.bytes;
    if (next.file !== file || !isNear || end - offset > maxReadBytes) break;
  }
  return count;
}

/** Reads ascending stretches of a file with what lies between them. Returns their bytes in all. */
function copyFromFile(file: RowFile, ranges: readonly Range[], target: Uint8Array): number {
  const [{ offset, bytes }, last] = [ranges[0]!, ranges.at(-1)!];
  const span = last.offset + last.bytes - offset;
  if (span === bytes) {
    file.read(offset, target.subarray(0, bytes));
    return bytes;
  }
  const read = new Uint8Array(span);
  file.read(offset, read);
  let at = 0;
  for (const range of ranges) {
    const from = range.offset - offset;
    target.set(read.subarray(from, from + range.bytes), at);
    at += range.bytes;
  }
  return at;
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
