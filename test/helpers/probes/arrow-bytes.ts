import type { ArrowColumns, WritableColumn } from '../../../src/io/arrow/column.js';
import { readArrow } from '../../../src/io/arrow/read-arrow.js';
import { writeArrow } from '../../../src/io/arrow/write-arrow.js';
import { bytesInMemory } from '../../../src/io/files/byte-source.js';

/** The bytes of an Arrow file. */
export async function encodeArrow(
  columns: Readonly<Record<string, WritableColumn>>,
  batchBytes?: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of writeArrow(columns, batchBytes)) parts.push(part);
  return Buffer.concat(parts);
}

/** The columns of an Arrow file. */
export async function decodeArrow(bytes: Uint8Array): Promise<ArrowColumns> {
  return readArrow(bytesInMemory(bytes));
}
