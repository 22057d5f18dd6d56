import { type ByteSource, readInto } from '../files/byte-source.js';
import { FlatTable } from './flat-table.js';

/** What the columns of Arrow files that models are made of may hold. */
export type ColumnShape =
  | { readonly type: 'utf8' }
  | { readonly type: ElementType }
  | { readonly type: 'vectors'; readonly width: number }
  | { readonly type: 'lists'; readonly of: 'uint32' | 'float32' };

type ElementType = 'int32' | 'int64' | 'float32' | 'float64';

/** A run of bytes of the file. */
export interface Region {
  readonly at: number;
  readonly bytes: number;
}

/** A column's share of a record batch. */
export interface Segment {
  readonly rows: number;
  /** One more than rows 32-bit integers; undefined where the shape has none, or no rows. */
  readonly offsets: Region | undefined;
  /** Elements, or bytes of text. */
  readonly values: Region;
  /** Elements there are; for text, bytes. */
  readonly valueCount: number;
}

/** One column of a file: where its values lie. */
export interface ColumnLayout {
  readonly name: string;
  readonly shape: ColumnShape;
  readonly segments: readonly Segment[];
}

const magic = Buffer.from('ARROW1');
/** A footer has some 24 bytes for each record batch. */
const maxFooterBytes = 2 ** 24;
/** Head of a record batch: it grows with the number of columns only. */
const maxHeadBytes = 2 ** 16;
const maxColumns = 16;

/**
 * Where the columns of an Arrow IPC file lie. Reads the metadata alone, and checks all of it: all
 * parts are inside the file, do not overlap, and have the length that their rows need. So a reader
 * never allocates more than the file has.
 *
 * Throws `TypeError` or `RangeError` for any other file, and for what models do not have: nulls,
 * dictionaries, compression, nested types.
 */
export async function readLayout(source: ByteSource): Promise<readonly ColumnLayout[]> {
  const { footer, end } = await readFooter(source);
  const schema = expectTable(footer.table(1), 'schema');
  expect(schema.int16(0) === 0, 'little-endian numbers');
  const fields = schema.tables(1);
  expect(fields.length <= maxColumns, `at most ${maxColumns} columns`);
  expect(footer.structs(2, 24, []).length === 0, 'no dictionaries');
  const columns = fields.map((field) => ({
    name: field.text(0),
    shape: shapeOf(field),
    segments: [] as Segment[],
  }));
  let from = 8;
  for (const block of footer.structs(3, 24, [0, 16], 8)) {
    const [at, bodyBytes, headBytes] = block as [number, number, number];
    expect(at >= from && headBytes > 8 && headBytes <= maxHeadBytes, 'record batches in order');
    expect(at + headBytes + bodyBytes <= end, 'record batches inside the file');
    const head = new Uint8Array(headBytes);
    await readInto(source, at, head);
    const body = { at: at + headBytes, bytes: bodyBytes };
    const segments = segmentsOf(head, body, columns);
    for (const [column, segment] of segments.entries()) columns[column]!.segments.push(segment);
    from = at + headBytes + bodyBytes;
  }
  return columns;
}

async function readFooter(source: ByteSource): Promise<{ footer: FlatTable; end: number }> {
  const start = new Uint8Array(8);
  const tail = new Uint8Array(10);
  expect(source.size >= 8 + 10, 'an Arrow file');
  await readInto(source, 0, start);
  await readInto(source, source.size - 10, tail);
  expect(magic.equals(start.subarray(0, 6)) && magic.equals(tail.subarray(4)), 'an Arrow file');
  const length = new DataView(tail.buffer).getUint32(0, true);
  const end = source.size - 10 - length;
  expect(length <= maxFooterBytes && end >= 8, 'a footer inside the file');
  const bytes = new Uint8Array(length);
  await readInto(source, end, bytes);
  return { footer: FlatTable.root(bytes), end };
}

/** Numbers of the union `Type`, and the other enumerations of Arrow's Schema.fbs. */
const typeNumber = { int: 2, float: 3, utf8: 5, list: 12, fixedSizeList: 16 };
const precision = { single: 1, double: 2 };

function shapeOf(field: FlatTable): ColumnShape {
  expect(!field.has(4), 'no dictionaries');
  const [child, ...others] = field.tables(5);
  const type = expectTable(field.table(3), 'type');
  if (field.uint8(2) === typeNumber.utf8) return { type: 'utf8' };
  if (field.uint8(2) === typeNumber.fixedSizeList) {
    const width = type.int32(0);
    expect(width > 0 && others.length === 0 && elementOf(child) === 'float32', 'vectors');
    return { type: 'vectors', width };
  }
  if (field.uint8(2) === typeNumber.list) {
    const of = elementOf(child);
    expect(others.length === 0, 'lists');
    if (of === 'uint32' || of === 'float32') return { type: 'lists', of };
  }
  const element = elementOf(field);
  if (element !== undefined && element !== 'uint32') return { type: element };
  throw new TypeError(`found a column of type ${field.uint8(2)}; expected one that a model has`);
}

function elementOf(field: FlatTable | undefined): ElementType | 'uint32' | undefined {
  const type = field?.table(3);
  if (field === undefined || type === undefined || field.tables(5).length > 0) return undefined;
  if (field.uint8(2) === typeNumber.float) {
    if (type.int16(0) === precision.single) return 'float32';
    return type.int16(0) === precision.double ? 'float64' : undefined;
  }
  if (field.uint8(2) !== typeNumber.int) return undefined;
  const isSigned = type.uint8(1) !== 0;
  if (type.int32(0) === 32) return isSigned ? 'int32' : 'uint32';
  return type.int32(0) === 64 && isSigned ? 'int64' : undefined;
}

/** The columns' shares of one record batch, in their order. */
function segmentsOf(
  head: Uint8Array,
  body: Region,
  columns: readonly Pick<ColumnLayout, 'shape'>[],
): Segment[] {
  const view = new DataView(head.buffer);
  // A mark, the length of what follows, and the message.
  expect(view.getInt32(0, true) === -1, 'a message');
  const message = FlatTable.root(head.subarray(8));
  expect(message.uint8(1) === 3 && message.size(3) === body.bytes, 'a record batch');
  const batch = expectTable(message.table(2), 'record batch');
  expect(!batch.has(3), 'no compression');
  const rows = batch.size(0);
  const nodes = batch.structs(1, 16, [0, 8]).values();
  const buffers = batch.structs(2, 16, [0, 8]).values();
  let from = 0;
  const takeNode = (length?: number): number => {
    const [count, nulls] = nodes.next().value ?? [];
    expect(count !== undefined && nulls === 0, 'columns without nulls');
    expect(length === undefined || count === length, `columns of ${rows} rows`);
    return count;
  };
  const takeBuffer = (wantedBytes: number): Region => {
    const [at, bytes] = buffers.next().value ?? [];
    expect(at !== undefined && bytes !== undefined && at >= from, 'buffers in order');
    expect(at + bytes <= body.bytes, 'buffers inside their batch');
    expect(bytes >= wantedBytes, `${wantedBytes} bytes`);
    from = at + bytes;
    return { at: body.at + at, bytes: wantedBytes };
  };
  // Which rows are valid: all of them, so it is not read.
  const skipValidity = () => takeBuffer(0);
  // A column without rows may come without its only offset.
  const takeOffsets = () => (rows === 0 ? void takeBuffer(0) : takeBuffer(4 * (rows + 1)));

  return columns.map(({ shape }) => {
    takeNode(rows);
    skipValidity();
    switch (shape.type) {
      case 'utf8': {
        const offsets = takeOffsets();
        const [at, bytes] = buffers.next().value ?? [];
        expect(at !== undefined && bytes !== undefined && at >= from, 'buffers in order');
        expect(at + bytes <= body.bytes, 'buffers inside their batch');
        from = at + bytes;
        return { rows, offsets, values: { at: body.at + at, bytes }, valueCount: bytes };
      }
      case 'lists': {
        const offsets = takeOffsets();
        const valueCount = takeNode();
        skipValidity();
        return { rows, offsets, values: takeBuffer(4 * valueCount), valueCount };
      }
      case 'vectors': {
        const valueCount = takeNode(rows * shape.width);
        skipValidity();
        return { rows, offsets: undefined, values: takeBuffer(4 * valueCount), valueCount };
      }
      default: {
        const bytes = rows * (shape.type.endsWith('64') ? 8 : 4);
        return { rows, offsets: undefined, values: takeBuffer(bytes), valueCount: rows };
      }
    }
  });
}

function expectTable(table: FlatTable | undefined, name: string): FlatTable {
  expect(table !== undefined, `a ${name}`);
  return table;
}

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new TypeError(`found a file that is not as expected: ${what}`);
}
