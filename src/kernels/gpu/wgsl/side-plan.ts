import type { JobLayout, SideLayout, SparseLayout } from '../../job-layout.js';
import {
  type BufferedRows,
  type CutSettings,
  cutPieces,
  cutShards,
  divideRows,
  entryRangeOf,
  type Pieces,
  type ShardPlan,
} from './cut-shards.js';
import { RecordList } from './record-list.js';
import { powerOfTwo } from './row-shape.js';

/**
 * How one side of a job is cut for a device. Only buffers follow from the device's limits; the rest
 * decides the order of sums, and depends on the side alone.
 */
export interface SidePlan extends BufferedRows {
  readonly bufferCount: number;
  readonly shards: readonly ShardPlan[];
  /** Slices of Gram matrices: row, count of rows, number of the slice, 0. */
  readonly slices: RecordList;
  /** Blocks of Gram matrices: first slice, count of slices, block, 0. */
  readonly blockGrams: RecordList;
  /** What `sum-blocks.ts` adds for each block, two records. */
  readonly ranges: RecordList;
  /** Pieces of all shards, observed and withheld. */
  readonly pieceCount: number;
}

/** Rows of a Gram slice at least. */
const minSliceRows = 1024;

/** Slices of a side, about; more would only have to be added up. */
const maxSlices = 256;

/** As much of a side as buffers and slices follow from. */
type PlannedSide = Pick<SideLayout, 'rowCount' | 'within'>;

/** Rows of a slice: it begins where a block does, or at a multiple of this, counted in the whole side. */
function sliceRows(side: PlannedSide): number {
  return Math.max(minSliceRows, powerOfTwo(within(side).rowCount / maxSlices));
}

/** Rows in a buffer of factors; 0 if not even a slice of them fits. */
export function bufferRowsOf(side: PlannedSide, stride: number, bindingBytes: number): number {
  const rows = Math.floor(bindingBytes / (stride * 4));
  if (rows >= side.rowCount) return side.rowCount;
  return rows - (rows % sliceRows(side));
}

/** Plans a side. Reads the job's offsets and regularizers, not its ratings. */
export function planSide(job: JobLayout, side: SideLayout, settings: CutSettings): SidePlan {
  const { rowCount } = side;
  if (side.copiedFrom !== undefined) return planCopies(rowCount, job.stride, settings);
  const bufferRows = bufferRowsOf(side, job.stride, settings.bindingBytes);
  const { firstRow } = within(side);
  const lead = bufferRows < rowCount ? firstRow % sliceRows(side) : 0;
  const observed = new Uint32Array(job.memory.buffer, side.ratings.offsets, rowCount + 1);
  const measured = side === job[job.phaseOrder[1]];
  const heldOut = measured && side.heldOut && offsetsOf(job, side.heldOut, rowCount);
  const lambdas = new Uint32Array(job.memory.buffer, side.regularizers, rowCount);

  const most = Math.floor(settings.bindingBytes / 4);
  const ranges = [
    ...cutShards({ rowCount, bufferRows, lead }, most, [observed, heldOut || undefined]),
  ];
  let pieceCount = 0;
  // Kind by kind, so that the pieces of a block that lies in several shards are consecutive.
  const piecesOf = (offsets: Uint32Array | false | undefined) =>
    ranges.map((rows): Pieces => {
      const list = offsets ? cutPieces(offsets, rows, side.blockStarts) : new RecordList();
      const base = pieceCount;
      pieceCount += list.length;
      return { list, base };
    });
  const pieces = piecesOf(measured && observed);
  const heldOutPieces = piecesOf(heldOut);
  const shards = ranges.map(
    (rows, i): ShardPlan => ({
      ...rows,
      observed: entryRangeOf(observed, rows),
      heldOut: heldOut ? entryRangeOf(heldOut, rows) : { first: 0, end: 0 },
      ...divideRows(observed, lambdas, rows, side.blockStarts, settings),
      pieces: pieces[i]!,
      heldOutPieces: heldOutPieces[i]!,
    }),
  );
  return {
    rowCount,
    bufferRows,
    lead,
    bufferCount: Math.ceil((lead + rowCount) / bufferRows),
    shards,
    ...cutGrams(side, bufferRows, lead),
    ranges: rangesOf(side, shards),
    pieceCount,
  };
}

/** Plans rows that are only read, of which there may be none. */
function planCopies(rowCount: number, stride: number, { bindingBytes }: CutSettings): SidePlan {
  const none = new RecordList();
  const bufferRows = Math.max(1, Math.min(rowCount, Math.floor(bindingBytes / (stride * 4))));
  return {
    ...{
      rowCount,
      bufferRows,
      lead: 0,
      bufferCount: Math.max(1, Math.ceil(rowCount / bufferRows)),
    },
    ...{ shards: [], slices: none, blockGrams: none, ranges: none, pieceCount: 0 },
  };
}

/** Which of how many rows a side's are: all of them, but in a part. */
function within(side: PlannedSide): { readonly firstRow: number; readonly rowCount: number } {
  return side.within ?? { firstRow: 0, rowCount: side.rowCount };
}

function offsetsOf(job: JobLayout, { offsets }: SparseLayout, rowCount: number): Uint32Array {
  return new Uint32Array(job.memory.buffer, offsets, rowCount + 1);
}

function cutGrams(
  side: SideLayout,
  bufferRows: number,
  lead: number,
): Pick<SidePlan, 'slices' | 'blockGrams'> {
  const { blockStarts } = side;
  const { firstRow } = within(side);
  const slices = new RecordList();
  const blockGrams = new RecordList();
  const most = sliceRows(side);
  for (let block = 0; block + 1 < blockStarts.length; block++) {
    slices.beginBlock();
    blockGrams.beginBlock();
    const firstSlice = slices.length;
    let row = blockStarts[block]!;
    while (row < blockStarts[block + 1]!) {
      const end = Math.min(blockStarts[block + 1]!, row - ((firstRow + row) % most) + most);
      const at = lead + row;
      slices.push(at % bufferRows, end - row, slices.length, Math.floor(at / bufferRows));
      row = end;
    }
    blockGrams.push(firstSlice, slices.length - firstSlice, block, 0);
  }
  return { slices, blockGrams };
}

/** Rows and pieces of every block. */
function rangesOf({ blockStarts }: SideLayout, shards: readonly ShardPlan[]): RecordList {
  const ranges = new RecordList();
  for (let block = 0; block + 1 < blockStarts.length; block++) {
    ranges.beginBlock();
    const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
    const inBlock = shards.filter((shard) => shard.firstRow < end && shard.endRow > first);
    const range = (kind: 'pieces' | 'heldOutPieces'): [number, number] => {
      const starts = inBlock.map((shard) => shard[kind].base + shard[kind].list.startOf(block));
      const ends = inBlock.map((shard) => shard[kind].base + shard[kind].list.startOf(block + 1));
      return [starts[0] ?? 0, ends.at(-1) ?? 0];
    };
    ranges.push(first, end, ...range('pieces'));
    ranges.push(...range('heldOutPieces'), 0, 0);
  }
  return ranges;
}
