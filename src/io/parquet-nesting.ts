import { open } from 'node:fs/promises';

/** Largest footer that is read, in bytes; DuckDB holds it in memory, too. */
const maxFooterBytes = 2 ** 29;

/**
 * How deeply the groups of a Parquet file's schema nest: 1 for a table of plain columns. 0 for a
 * file that is not Parquet, or has a footer of another kind: its reader reports the fault.
 *
 *     PAR1 … footer bytes (u32) PAR1      footer: Thrift's compact FileMetaData, its field 2 the schema
 *
 * Rejects with `RangeError` if the footer ends before what it announces, or is larger than 512 MiB.
 */
export async function parquetNesting(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(8);
    await file.read(tail, 0, 8, Math.max(0, size - 8));
    const footerBytes = tail.readUInt32LE(0);
    if (tail.toString('latin1', 4) !== 'PAR1' || footerBytes > size - 8) return 0;
    if (footerBytes > maxFooterBytes) throw new RangeError(`a footer of ${footerBytes} bytes`);
    const footer = Buffer.alloc(footerBytes);
    await file.read(footer, 0, footerBytes, size - 8 - footerBytes);
    return deepestGroup(childCounts(footer));
  } finally {
    await file.close();
  }
}

/** Depth of the tree whose nodes, each before its children, have so many children. */
function deepestGroup(counts: readonly number[]): number {
  let deepest = 0;
  /** Children that are still to come, of every group that is open. */
  const open: number[] = [];
  for (const count of counts) {
    while (open.at(-1) === 0) open.pop();
    if (open.length > 0) open[open.length - 1]!--;
    if (count > 0) open.push(count);
    deepest = Math.max(deepest, open.length);
  }
  return deepest;
}

/** Types of Thrift's compact protocol; a boolean field has no bytes beside its type. */
const thrift = {
  true: 1,
  false: 2,
  byte: 3,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
};

const maxThriftDepth = 64;

/** Number of children of every element of the schema, in their order; 0 for a column. */
function childCounts(footer: Uint8Array): number[] {
  const counts: number[] = [];
  let at = 0;
  const byte = (): number => {
    if (at >= footer.length) throw new RangeError('a footer that ends early');
    return footer[at++]!;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const part = byte();
      value += (part & 127) * scale;
      if (part < 128) return value;
    }
  };
  const signed = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };

  /** Goes through the fields of a struct; `take` may read a field, and then says true. */
  const fields = (depth: number, take: (id: number, type: number) => boolean): void => {
    if (depth > maxThriftDepth) throw new RangeError('a footer of structures in structures');
    for (let id = 0, head = byte(); head !== 0; head = byte()) {
      const type = head & 15;
      id = head >> 4 === 0 ? signed() : id + (head >> 4);
      if (!take(id, type)) skip(type, depth, false);
    }
  };
  const elements = (read: (type: number) => void): void => {
    const head = byte();
    const count = head >> 4 === 15 ? varint() : head >> 4;
    for (let left = count; left > 0; left--) read(head & 15);
  };
  const skip = (type: number, depth: number, isElement: boolean): void => {
    if (type === thrift.true || type === thrift.false) at += isElement ? 1 : 0;
    else if (type === thrift.byte) byte();
    else if (type === thrift.double) at += 8;
    else if (type === thrift.binary) {
      // Not `at += varint()`, which would forget the bytes of the length.
      const length = varint();
      at += length;
    } else if (type === thrift.struct) fields(depth + 1, () => false);
    else if (type === thrift.list || type === thrift.set) {
      if (depth > maxThriftDepth) throw new RangeError('a footer of lists in lists');
      elements((element) => skip(element, depth + 1, true));
    } else if (type === thrift.map) {
      const count = varint();
      const types = count === 0 ? 0 : byte();
      for (let left = count; left > 0; left--) {
        skip(types >> 4, depth + 1, true);
        skip(types & 15, depth + 1, true);
      }
    } else varint();
    if (at > footer.length) throw new RangeError('a footer that ends early');
  };

  fields(0, (id, type) => {
    if (id !== 2 || type !== thrift.list) return false;
    elements(() => {
      let children = 0;
      fields(1, (field, kind) => {
        if (field !== 5 || kind !== 5) return false;
        children = Math.max(children, signed());
        return true;
      });
      counts.push(children);
    });
    return true;
  });
  return counts;
}
