import { isUtf8 } from 'node:buffer';
import { maxTextBytes, PackedTexts } from '../../ratings/packed-texts.js';
import { type ByteSource, readInto } from '../files/byte-source.js';
import { type ColumnLayout, readLayout, type Segment } from './arrow-layout.js';
import type { ArrowColumn, ArrowColumns } from './column.js';

/**
 * The columns of an Arrow IPC file that `writeArrow` could have written, by name, in any number of
 * record batches. Values are read directly into the returned arrays, in pieces. Any bytes take at
 * most the time and memory that a file of that size needs.
 *
 * Throws `TypeError` or `RangeError` for any other file, for offsets that fall or lead outside, and
 * for text that is not UTF-8.
 */
export async function readArrow(source: ByteSource): Promise<ArrowColumns> {
  const columns = new Map<string, ArrowColumn>();
  for (const layout of await readLayout(source)) {
    columns.set(layout.name, await readColumn(source, layout));
  }
  return columns;
}

async function readColumn(source: ByteSource, layout: ColumnLayout): Promise<ArrowColumn> {
  const { shape, segments } = layout;
  switch (shape.type) {
    case 'utf8':
      return { type: 'utf8', values: await readText(source, segments) };
    case 'int32':
      return { type: 'int32', values: await readValues(source, segments, Int32Array) };
    case 'int64':
      return { type: 'int64', values: await readValues(source, segments, BigInt64Array) };
    case 'float32':
      return { type: 'float32', values: await readValues(source, segments, Float32Array) };
    case 'float64':
      return { type: 'float64', values: await readValues(source, segments, Float64Array) };
    case 'vectors': {
      const values = await readValues(source, segments, Float32Array);
      return { type: 'vectors', width: shape.width, values };
    }
    case 'lists': {
      const offsets = await readOffsets(source, segments);
      return shape.of === 'uint32'
        ? { type: 'lists', offsets, values: await readValues(source, segments, Uint32Array) }
        : { type: 'lists', offsets, values: await readValues(source, segments, Float32Array) };
    }
    default:
      return shape satisfies never;
  }
}

type Elements = Int32Array | Uint32Array | BigInt64Array | Float32Array | Float64Array;

/** The values of all batches, one after the other. */
async function readValues<Values extends Elements>(
  source: ByteSource,
  segments: readonly Segment[],
  ArrayType: new (length: number) => Values,
): Promise<Values> {
  const values = new ArrayType(total(segments, ({ valueCount }) => valueCount));
  let at = 0;
  for (const { values: region, valueCount } of segments) {
    // A subarray is of its array's type; the compiler does not know that of a type parameter.
    await readInto(source, region.at, values.subarray(at, at + valueCount) as Values);
    at += valueCount;
  }
  return values;
}

/** Where the lists of all batches begin and end among all values. */
async function readOffsets(source: ByteSource, segments: readonly Segment[]): Promise<Uint32Array> {
  if (total(segments, ({ valueCount }) => valueCount) >= 2 ** 32) {
    throw new RangeError('found more than 2³² values of lists');
  }
  const offsets = new Uint32Array(1 + total(segments, ({ rows }) => rows));
  let row = 0;
  let base = 0;
  for (const segment of segments) {
    for (const end of (await readEnds(source, segment)).subarray(1)) {
      row += 1;
      offsets[row] = base + end;
    }
    if (offsets[row] !== base + segment.valueCount) {
      throw new RangeError('found values that belong to no list');
    }
    base += segment.valueCount;
  }
  return offsets;
}

/** The text of all batches, as it stands in the file. */
async function readText(source: ByteSource, segments: readonly Segment[]): Promise<PackedTexts> {
  const offsets = new Uint32Array(1 + total(segments, ({ rows }) => rows));
  const starts: number[] = [];
  let row = 0;
  let end = 0;
  for (const segment of segments) {
    starts.push(end);
    const ends = await readEnds(source, segment);
    for (let at = 1; at < ends.length; at++) offsets[++row] = end + ends[at]!;
    end += ends.at(-1)!;
    if (end > maxTextBytes) throw new RangeError('found more than 4 GiB of text in a column');
  }
  const bytes = Buffer.allocUnsafeSlow(end);
  for (const [at, { values }] of segments.entries()) {
    await readInto(source, values.at, bytes.subarray(starts[at], starts[at + 1] ?? end));
  }
  if (!isUtf8(bytes)) throw new TypeError('found text that is not UTF-8');
  for (const offset of offsets) {
    // A character's second and later bytes begin with the bits 10: none of them begins a text.
    if ((bytes[offset]! & 0xc0) === 0x80) throw new TypeError('found half a character');
  }
  return new PackedTexts(bytes, offsets);
}

/** Checked to begin with 0, to rise, and to end inside the values. */
async function readEnds(source: ByteSource, segment: Segment): Promise<Int32Array> {
  const { offsets: region, rows, valueCount } = segment;
  if (region === undefined) return new Int32Array(1);
  const offsets = new Int32Array(rows + 1);
  await readInto(source, region.at, offsets);
  let before = 0;
  for (const offset of offsets) {
    if (offset < before || offset > valueCount) {
      throw new RangeError(`found offset ${offset} after ${before}, of ${valueCount} values`);
    }
    before = offset;
  }
  if (offsets[0] !== 0) throw new RangeError(`found offset ${offsets[0]} first; expected 0`);
  return offsets;
}

function total(segments: readonly Segment[], of: (segment: Segment) => number): number {
  return segments.reduce((sum, segment) => sum + of(segment), 0);
}
