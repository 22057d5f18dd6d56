import type { JobSettings } from '../../../../src/kernels/job-layout.js';
import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { decodeFrame, encodeFrame, type FrameSpace } from '../transport/frame.js';
import { copyFrom, copyTo, type Range } from '../transport/ranges.js';
import { booleanIn, decode, integerIn, oneIn } from './fields.js';

/**
 * A table of rows that every phase changes: one generation of a side, or its summed Gram matrix.
 */
export interface RowTable {
  readonly type: 'factors' | 'gram';
  readonly side: Side;
  readonly generation: number;
}

/** Rows of a table that travel in one message. */
export interface RowPiece {
  readonly table: RowTable;
  /** First row, and the number of rows. */
  readonly first: number;
  readonly count: number;
  /** A bit for each row, lowest first: whether it is in the piece. Left out if all are. */
  readonly chosen?: Uint8Array | undefined;
}

/** A piece and its rows, one behind the other. */
export interface ArrivedPiece {
  readonly piece: RowPiece;
  readonly rows: Uint8Array;
}

/** As much of a job as the sizes of its tables follow from. */
export interface TableSizes extends Pick<JobSettings, 'stride' | 'elementBytes'> {
  readonly user: { readonly rowCount: number };
  readonly item: { readonly rowCount: number };
}

/** Bytes of a row of a table, padding included; the same for all tables of a job. */
export function rowBytesOf(job: TableSizes): number {
  return job.stride * job.elementBytes;
}

/** How many rows a table has. */
export function rowCountOf(job: TableSizes, { type, side }: RowTable): number {
  return type === 'gram' ? job.stride : job[side].rowCount;
}

/** The blocks, with these boundaries, of which a piece has rows. */
export function blocksOf({ first, count }: RowPiece, blockStarts: readonly number[]): number[] {
  const blocks = [...blockStarts.keys()].slice(0, -1);
  return blocks.filter(
    (block) => blockStarts[block]! < first + count && blockStarts[block + 1]! > first,
  );
}

/** How many rows travel in a piece. */
export function chosenCount({ count, chosen }: RowPiece): number {
  if (chosen === undefined) return count;
  let sum = 0;
  for (let row = 0; row < count; row++) sum += chosen[row >> 3]! & (1 << (row & 7)) ? 1 : 0;
  return sum;
}

/**
 * Cuts rows into pieces.
 *
 * @param piece all of them
 * @param maxBytes of rows and bits in a piece, enough for a row
 */
export function* cutPiece(
  { table, first, count, chosen }: RowPiece,
  rowBytes: number,
  maxBytes: number,
): Generator<RowPiece, void> {
  if (chosen === undefined) {
    const maxRows = Math.floor(maxBytes / rowBytes);
    for (let row = 0; row < count; row += maxRows) {
      yield { table, first: first + row, count: Math.min(maxRows, count - row) };
    }
    return;
  }
  // Cuts lie where a byte of bits begins, so that the bits need no shift.
  let start = 0;
  let bytes = 0;
  const upTo = (end: number): RowPiece => ({
    table,
    first: first + start,
    count: Math.min(end, count) - start,
    chosen: chosen.subarray(start >> 3, Math.ceil(end / 8)),
  });
  for (let row = 0; row < count; row += 8) {
    const eight = chosenCount({ table, first, count: 8, chosen: chosen.subarray(row >> 3) });
    const more = 1 + eight * rowBytes;
    if (bytes > 0 && bytes + more > maxBytes) {
      if (bytes > (row - start) >> 3) yield upTo(row);
      start = row;
      bytes = 0;
    }
    bytes += more;
  }
  if (bytes > Math.ceil((count - start) / 8)) yield upTo(count);
}

/**
 * Encodes a piece. Copies the rows out of the job's memory.
 *
 * @param firstRow which row of the table is the first in that memory
 */
export function encodePiece(
  job: LayoutDraft,
  piece: RowPiece,
  space: FrameSpace = {},
  firstRow = 0,
): Uint8Array {
  const { table, first, count, chosen } = piece;
  const rowBytes = rowBytesOf(job);
  const bits = chosen ?? new Uint8Array();
  const message = { ...table, first, count, isChosen: chosen !== undefined };
  const bytes = bits.length + chosenCount(piece) * rowBytes;
  const fill = (body: Uint8Array): void => {
    body.set(bits);
    const ranges = Array.from(runsOf(piece), ([row, rows]) =>
      rangeOf(job, table, row - firstRow, rows),
    );
    copyFrom(job.memory.buffer, ranges, body.subarray(bits.length));
  };
  return encodeFrame(message, bytes, fill, space);
}

/** Reads a piece. Throws `InvalidMessageError` if it does not fit the job. */
export function readPiece(job: TableSizes, payload: Uint8Array): ArrivedPiece {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  const table: RowTable = {
    type: oneIn(from, 'type', ['factors', 'gram']),
    side: oneIn(from, 'side', ['user', 'item']),
    // Random factors that a sketch begins with are of generation −2.
    generation: integerIn(from, 'generation', -2),
  };
  const rowCount = rowCountOf(job, table);
  const first = integerIn(from, 'first', 0, rowCount);
  const count = integerIn(from, 'count', 0, rowCount - first);
  const bitBytes = booleanIn(from, 'isChosen') ? Math.ceil(count / 8) : 0;
  const chosen = bitBytes > 0 ? body.subarray(0, bitBytes) : undefined;
  const piece = { table, first, count, chosen };
  const rows = body.subarray(bitBytes);
  const expected = (body.length < bitBytes ? 0 : chosenCount(piece)) * rowBytesOf(job);
  if (body.length >= bitBytes && rows.length === expected) return { piece, rows };
  throw new InvalidMessageError(`${rows.length} bytes of rows`, `${expected}`);
}

/** Copies a piece to its place in the job's memory; `firstRow` as for `encodePiece`. */
export function placePiece(job: LayoutDraft, { piece, rows }: ArrivedPiece, firstRow = 0): void {
  let at = 0;
  for (const [row, count] of runsOf(piece)) {
    const range = rangeOf(job, piece.table, row - firstRow, count);
    copyTo(job.memory.buffer, [range], rows.subarray(at, at + range.bytes));
    at += range.bytes;
  }
}

/** Runs of consecutive rows: the first, and how many. */
export function* runsOf({
  first,
  count,
  chosen,
}: RowPiece): Generator<[row: number, rows: number], void> {
  if (chosen === undefined) {
    yield [first, count];
    return;
  }
  let start = -1;
  for (let row = 0; row <= count; row++) {
    const isHere = row < count && (chosen[row >> 3]! & (1 << (row & 7))) !== 0;
    if (isHere && start < 0) start = row;
    if (isHere || start < 0) continue;
    yield [first + start, row - start];
    start = -1;
  }
}

/** Where rows of a table lie. */
function rangeOf(job: LayoutDraft, table: RowTable, row: number, count: number): Range {
  const { type, side, generation } = table;
  const rowBytes = rowBytesOf(job);
  const bytes = count * rowBytes;
  if (type === 'gram') return { offset: job.gram + row * rowBytes, bytes };
  const offset = job[side].factors[(generation & 1) as 0 | 1] + row * rowBytes;
  return { offset, bytes, ...(job.rowFile && { file: job.rowFile }) };
}
