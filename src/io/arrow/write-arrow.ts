import { createRequire } from 'node:module';
import type { Data, DataType, Field } from 'apache-arrow';
import { PackedTexts, packTexts, type Texts } from '../../ratings/packed-texts.js';
import { columnLength, type WritableColumn } from './column.js';

type Arrow = typeof import('apache-arrow');

const require = createRequire(import.meta.url);

/** Bytes of a record batch, unless one row alone has more. */
const defaultBatchBytes = 2 ** 26;

/**
 * The bytes of an Arrow IPC file without nulls, in pieces, so that no part of a large model has to
 * fit a buffer. Numbers in arrays are not copied; text is encoded batch by batch.
 *
 * @param columns all of one length
 * @param batchBytes about how many bytes of rows lie in one record batch
 */
export async function* writeArrow(
  columns: Readonly<Record<string, WritableColumn>>,
  batchBytes = defaultBatchBytes,
): AsyncGenerator<Uint8Array> {
  // The whole package in one file: its 146 modules take a third of a second to load.
  const arrow: Arrow = require('apache-arrow/Arrow.es2015.min');
  const writer = new arrow.RecordBatchFileWriter();
  const written = writer[Symbol.asyncIterator]();
  let next = written.next();
  for (const [from, to] of batchesOf(Object.values(columns), batchBytes)) {
    writer.write(recordBatch(columns, from, to, arrow));
    // What a batch is made of is there at once; when nothing is, all of it has been taken.
    for (;;) {
      const part = await Promise.race([next, undefined]);
      if (part === undefined) break;
      yield part.value;
      next = written.next();
    }
  }
  writer.close();
  for (let part = await next; !part.done; part = await written.next()) yield part.value;
}

/** First row and end of each batch: at least one, and in each at least one row if there are any. */
function* batchesOf(
  columns: readonly WritableColumn[],
  batchBytes: number,
): Generator<readonly [from: number, to: number]> {
  const rowCount = columns[0] === undefined ? 0 : columnLength(columns[0]);
  let from = 0;
  let bytes = 0;
  for (let row = 0; row < rowCount; row++) {
    let rowBytes = 0;
    for (const column of columns) rowBytes += bytesOfRow(column, row);
    if (row > from && bytes + rowBytes > batchBytes) {
      yield [from, row];
      from = row;
      bytes = 0;
    }
    bytes += rowBytes;
  }
  yield [from, rowCount];
}

function bytesOfRow(column: WritableColumn, row: number): number {
  switch (column.type) {
    case 'utf8':
      return 4 + textBytes(column.values, row);
    case 'vectors':
      return 4 * column.width;
    case 'lists':
      return 4 + 4 * (column.offsets[row + 1]! - column.offsets[row]!);
    default:
      return column.values.BYTES_PER_ELEMENT;
  }
}

function recordBatch(
  columns: Readonly<Record<string, WritableColumn>>,
  from: number,
  to: number,
  arrow: Arrow,
) {
  const fields: Field[] = [];
  const children: Data[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const data = toData(column, from, to, arrow);
    fields.push(new arrow.Field(name, data.type, false));
    children.push(data);
  }
  const type = new arrow.Struct(fields);
  const rows = arrow.makeData({ type, length: to - from, nullCount: 0, children });
  return new arrow.RecordBatch(new arrow.Schema(fields), rows);
}

function toData(column: WritableColumn, from: number, to: number, arrow: Arrow): Data {
  switch (column.type) {
    case 'utf8':
      return textData(column.values, from, to, arrow);
    case 'int32':
      return arrow.makeData({ type: new arrow.Int32(), data: column.values.subarray(from, to) });
    case 'int64':
      return arrow.makeData({ type: new arrow.Int64(), data: column.values.subarray(from, to) });
    case 'float32':
      return arrow.makeData({ type: new arrow.Float32(), data: column.values.subarray(from, to) });
    case 'float64':
      return arrow.makeData({ type: new arrow.Float64(), data: column.values.subarray(from, to) });
    case 'vectors': {
      const { width, values } = column;
      const data = values.subarray(from * width, to * width);
      const child = arrow.makeData({ type: new arrow.Float32(), data });
      const item = new arrow.Field('item', child.type, false);
      return arrow.makeData({ type: new arrow.FixedSizeList(width, item), child });
    }
    case 'lists': {
      const { offsets, values } = column;
      const base = offsets[from]!;
      const data = values.subarray(base, offsets[to]!);
      const child =
        data instanceof Uint32Array
          ? arrow.makeData({ type: new arrow.Uint32(), data })
          : arrow.makeData({ type: new arrow.Float32(), data });
      const valueOffsets = Int32Array.from(offsets.subarray(from, to + 1), (at) => at - base);
      const type = new arrow.List(new arrow.Field<DataType>('item', child.type, false));
      return arrow.makeData({ type, valueOffsets, child });
    }
    default:
      return column satisfies never;
  }
}

function textBytes(values: Texts, row: number): number {
  return values instanceof PackedTexts
    ? values.offsets[row + 1]! - values.offsets[row]!
    : Buffer.byteLength(values.at(row)!);
}

function textData(values: Texts, from: number, to: number, arrow: Arrow): Data {
  if (!(values instanceof PackedTexts)) {
    const packed = packTexts(Array.from({ length: to - from }, (_, at) => values.at(from + at)!));
    return textData(packed, 0, to - from, arrow);
  }
  const base = values.offsets[from]!;
  const data = values.bytes.subarray(base, values.offsets[to]!);
  const valueOffsets = Int32Array.from(values.offsets.subarray(from, to + 1), (at) => at - base);
  return arrow.makeData({ type: new arrow.Utf8(), valueOffsets, data });
}
