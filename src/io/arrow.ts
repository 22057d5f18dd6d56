import type { Data, DataType, Field, Table } from 'apache-arrow';

/** A column of an Arrow file, as plain arrays. `int64` holds two's complement 64-bit integers. */
export type Column =
  | { readonly type: 'utf8'; readonly values: readonly string[] }
  | { readonly type: 'int32'; readonly values: Int32Array }
  | { readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly type: 'float32'; readonly values: Float32Array }
  | { readonly type: 'float64'; readonly values: Float64Array }
  /** Row r is values[r · width] … values[(r + 1) · width − 1]. */
  | { readonly type: 'vectors'; readonly width: number; readonly values: Float32Array }
  /** Row r is values[offsets[r]] … values[offsets[r + 1] − 1]; offsets start with 0. */
  | { readonly type: 'lists'; readonly offsets: Uint32Array; readonly values: ListValues };

export type ListValues = Uint32Array | Float32Array;

type Arrow = typeof import('apache-arrow');

/**
 * The bytes of an Arrow IPC file with one record batch and no nulls.
 * Numbers are handed over as they lie in memory; only the result is a copy.
 */
export async function encodeArrow(columns: Readonly<Record<string, Column>>): Promise<Uint8Array> {
  const arrow = await import('apache-arrow');
  const fields: Field[] = [];
  const children: Data[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const data = toData(column, arrow);
    fields.push(new arrow.Field(name, data.type, false));
    children.push(data);
  }
  const rows = arrow.makeData({
    type: new arrow.Struct(fields),
    length: children[0]?.length ?? 0,
    nullCount: 0,
    children,
  });
  const batch = new arrow.RecordBatch(new arrow.Schema(fields), rows);
  return arrow.tableToIPC(new arrow.Table(batch.schema, batch), 'file');
}

/**
 * The columns of an Arrow IPC file that `encodeArrow` could have written, by name.
 * Numbers are views of `bytes` where alignment allows it.
 *
 * Throws `TypeError` for a column of any other type, for nulls, and for more than one record batch,
 * and whatever apache-arrow throws for bytes that are no Arrow file.
 */
export async function decodeArrow(bytes: Uint8Array): Promise<ReadonlyMap<string, Column>> {
  const arrow = await import('apache-arrow');
  // Arrow aligns its buffers to the start of the file, so the file has to start on a boundary.
  const table: Table = arrow.tableFromIPC(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
  if (table.batches.length !== 1) {
    throw new TypeError(`found ${table.batches.length} record batches; expected one`);
  }
  const { children } = table.batches[0]!.data;
  return new Map(
    table.schema.fields.map((field, at) => {
      const data = children[at]!;
      if (data.nullCount > 0) throw new TypeError(`found nulls in column ${field.name}`);
      return [field.name, fromData(data, arrow)];
    }),
  );
}

function toData(column: Column, arrow: Arrow): Data {
  switch (column.type) {
    case 'utf8':
      return utf8Data(column.values, arrow);
    case 'int32':
      return arrow.makeData({ type: new arrow.Int32(), data: column.values });
    case 'int64':
      return arrow.makeData({ type: new arrow.Int64(), data: column.values });
    case 'float32':
      return arrow.makeData({ type: new arrow.Float32(), data: column.values });
    case 'float64':
      return arrow.makeData({ type: new arrow.Float64(), data: column.values });
    case 'vectors': {
      const child = arrow.makeData({ type: new arrow.Float32(), data: column.values });
      const item = new arrow.Field('item', child.type, false);
      return arrow.makeData({ type: new arrow.FixedSizeList(column.width, item), child });
    }
    case 'lists': {
      const child =
        column.values instanceof Uint32Array
          ? arrow.makeData({ type: new arrow.Uint32(), data: column.values })
          : arrow.makeData({ type: new arrow.Float32(), data: column.values });
      const type = new arrow.List(new arrow.Field<DataType>('item', child.type, false));
      return arrow.makeData({ type, valueOffsets: Int32Array.from(column.offsets), child });
    }
    default:
      return column satisfies never;
  }
}

function fromData(data: Data, { DataType: types }: Arrow): Column {
  const { type, length, values } = data;
  if (types.isUtf8(type)) return { type: 'utf8', values: utf8Values(data) };
  if (types.isFixedSizeList(type) && data.children[0]?.values instanceof Float32Array) {
    const width = type.listSize;
    return { type: 'vectors', width, values: data.children[0].values.subarray(0, length * width) };
  }
  const list = data.children[0]?.values;
  if (types.isList(type) && (list instanceof Uint32Array || list instanceof Float32Array)) {
    const offsets = Uint32Array.from(data.valueOffsets.subarray(0, length + 1));
    return { type: 'lists', offsets, values: list.subarray(0, offsets[length]) };
  }
  if (values instanceof Int32Array) return { type: 'int32', values: values.subarray(0, length) };
  if (values instanceof BigInt64Array) return { type: 'int64', values: values.subarray(0, length) };
  if (values instanceof Float32Array) {
    return { type: 'float32', values: values.subarray(0, length) };
  }
  if (values instanceof Float64Array) {
    return { type: 'float64', values: values.subarray(0, length) };
  }
  throw new TypeError(`found a column of type ${type}; expected one that a model has`);
}

/** One encoding of all strings: a call for each would take longer than the factors. */
function utf8Data(values: readonly string[], arrow: Arrow): Data {
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [row, value] of values.entries()) {
    valueOffsets[row + 1] = valueOffsets[row]! + Buffer.byteLength(value);
  }
  const data = new TextEncoder().encode(values.join(''));
  return arrow.makeData({ type: new arrow.Utf8(), valueOffsets, data });
}

function utf8Values(data: Data): string[] {
  // A Utf8 column's values are its bytes; the type of `Data` leaves that open.
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return Array.from({ length: data.length }, (_, row) =>
    bytes.toString('utf8', data.valueOffsets[row], data.valueOffsets[row + 1]),
  );
}
