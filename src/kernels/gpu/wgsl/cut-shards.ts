import { RecordList } from './record-list.js';
import { maxPacked, type RowShape, segmentLength } from './row-shape.js';
import { pieceLength } from './shaders/measure-errors.js';

/** The entries of some rows. */
export function entryRangeOf(offsets: Uint32Array, { firstRow, endRow }: RowRange): EntryRange {
  return { first: offsets[firstRow]!, end: offsets[endRow]! };
}

/** How the rows of a side lie in buffers of factors. */
export interface BufferedRows {
  readonly rowCount: number;
  /** Rows that each of the side's factor buffers but the last has room for. */
  readonly bufferRows: number;
  /** Rows that the first buffer leaves free in front, so that slices of a part end where buffers do. */
  readonly lead: number;
}

/** Consecutive rows in one buffer. */
interface RowRange {
  readonly firstRow: number;
  readonly endRow: number;
  readonly buffer: number;
  /** Row that the buffer begins at, below 0 where it leaves some free in front. */
  readonly bufferStart: number;
}

/** Row ranges that stay in a buffer, with `most` entries of each kind at most. */
export function* cutShards(
  { rowCount, bufferRows, lead }: BufferedRows,
  most: number,
  kinds: readonly (Uint32Array | undefined)[],
): Generator<RowRange> {
  let firstRow = 0;
  for (let row = 1; row <= rowCount; row++) {
    const isFull = (offsets: Uint32Array | undefined) =>
      offsets !== undefined && row < rowCount && offsets[row + 1]! - offsets[firstRow]! > most;
    if (row < rowCount && (lead + row) % bufferRows !== 0 && !kinds.some(isFull)) continue;
    const buffer = Math.floor((lead + firstRow) / bufferRows);
    yield { firstRow, endRow: row, buffer, bufferStart: buffer * bufferRows - lead };
    firstRow = row;
  }
}

/** Rows by how they are solved. */
export function divideRows(
  offsets: Uint32Array,
  lambdas: Uint32Array,
  { firstRow, endRow, bufferStart }: RowRange,
  blockStarts: readonly number[],
  { packedShape, longRow }: CutSettings,
): Pick<ShardPlan, 'packed' | 'whole' | 'long' | 'segments'> {
  const lists = {
    packed: new RecordList(),
    whole: new RecordList(),
    long: new RecordList(),
    segments: new RecordList(),
  };
  const shardFirst = offsets[firstRow]!;
  const short = maxPacked(packedShape);
  eachRow(firstRow, endRow, blockStarts, Object.values(lists), (row) => {
    const first = offsets[row]! - shardFirst;
    const count = offsets[row + 1]! - offsets[row]!;
    const at = row - bufferStart;
    if (count <= longRow) {
      lists[count <= short ? 'packed' : 'whole'].push(at, first, count, lambdas[row]!);
      return;
    }
    const number = lists.long.length / 2;
    const firstSegment = lists.segments.length;
    for (let begin = 0; begin < count; begin += segmentLength) {
      lists.segments.push(number, first + begin, Math.min(segmentLength, count - begin), 0);
    }
    lists.long.push(at, first, count, lambdas[row]!);
    lists.long.push(firstSegment, lists.segments.length - firstSegment, 0, 0);
  });
  return lists;
}

export function cutPieces(
  offsets: Uint32Array,
  { firstRow, endRow, bufferStart }: RowRange,
  blockStarts: readonly number[],
): RecordList {
  const list = new RecordList();
  const shardFirst = offsets[firstRow]!;
  eachRow(firstRow, endRow, blockStarts, [list], (row) => {
    const end = offsets[row + 1]!;
    for (let at = offsets[row]!; at < end; at += pieceLength) {
      list.push(row - bufferStart, at - shardFirst, Math.min(pieceLength, end - at), 0);
    }
  });
  return list;
}

/** Visits rows; tells the lists when a block begins, also those before the first row. */
function eachRow(
  firstRow: number,
  endRow: number,
  blockStarts: readonly number[],
  lists: readonly RecordList[],
  visit: (row: number) => void,
): void {
  let block = 0;
  for (let row = firstRow; row < endRow; row++) {
    for (; blockStarts[block]! <= row && block + 1 < blockStarts.length; block++) {
      for (const list of lists) list.beginBlock();
    }
    visit(row);
  }
}

/** Consecutive rows whose factors lie in one buffer, and whose ratings fit one. */
export interface ShardPlan {
  readonly firstRow: number;
  /** Exclusive. */
  readonly endRow: number;
  readonly buffer: number;
  /** Row that the buffer begins at, below 0 where it leaves some free in front. */
  readonly bufferStart: number;
  readonly observed: EntryRange;
  readonly heldOut: EntryRange;
  /** Rows that are solved side by side, as `solve-rows.ts` takes them. */
  readonly packed: RecordList;
  /** Rows that have a workgroup to themselves. */
  readonly whole: RecordList;
  /** Rows that are split, two records each, and their segments; see `long-rows.ts`. */
  readonly long: RecordList;
  readonly segments: RecordList;
  readonly pieces: Pieces;
  readonly heldOutPieces: Pieces;
}

/** Entries of the side's ratings. */
export interface EntryRange {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** Pieces of a shard's rows, and the number of the first among the side's. */
export interface Pieces {
  readonly list: RecordList;
  readonly base: number;
}

/** What the cuts follow from. */
export interface CutSettings {
  /** Bytes that a binding has at most. */
  readonly bindingBytes: number;
  /** Shapes of rows that are solved side by side, and of those that are not. */
  readonly packedShape: RowShape;
  /** Ratings above which a row is split over workgroups. */
  readonly longRow: number;
}
