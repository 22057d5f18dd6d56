import type { RowLengths } from './sparse-rows.js';

/** Lengths of rows as running sums: of rows in memory, or of rows that are only described. */
export interface RunningLengths {
  readonly rowCount: number;
  /** Ratings of the rows before `row`, 0 ≤ row ≤ rowCount. Never falls. */
  entriesBefore(row: number): number;
}

/** Default maximum of blocks a side: a few for each core of one machine. */
const usualBlockCount = 32;

/** At most this many blocks a side: nact's cost grows with the actors of one supervisor. */
export const maxBlockCount = 256;

/** Elements that the Gram matrices of all blocks may take: 128 MiB in float32. */
const gramElements = 2 ** 25;

/** Arithmetic that makes a block worth a task: about 4 ms of one core. */
const blockFlops = 1e8;

/**
 * Boundaries of contiguous blocks of near-equal work: block b holds rows
 * starts[b] … starts[b + 1] − 1, never none unless there are no rows.
 *
 * The work of a row is its ratings and the per-row solve, which costs about as much as
 * `rank / 2` ratings (Gram products of k² against neighbours of k). Depends on ratings and options
 * only, never on threads, so sums in block order are the same everywhere.
 *
 * @param blockCount wanted number of blocks, ≥ 1; by default about one per 10⁸ operations, at most
 *   32, and above rank 1024 fewer, down to 8 at rank 2048, since every block has a Gram matrix
 */
export function partitionByWork(rows: RowLengths, rank: number, blockCount?: number): number[] {
  const { rowCount, offsets } = rows;
  return cutByWork({ rowCount, entriesBefore: (row) => offsets[row]! }, rank, blockCount);
}

/** `partitionByWork` of rows by their running lengths; takes O(blocks · log rows). */
export function cutByWork(rows: RunningLengths, rank: number, blockCount?: number): number[] {
  const { rowCount } = rows;
  const rowWork = rank / 2;
  const workBefore = (row: number) => rows.entriesBefore(row) + row * rowWork;
  const total = workBefore(rowCount);
  const most = Math.min(usualBlockCount, Math.floor(gramElements / rank ** 2));
  const worthwhile = Math.min(most, Math.ceil((total * 16 * rank) / blockFlops));
  const wanted = blockCount ?? evenShares(worthwhile, most);
  const count = Math.max(1, Math.min(wanted, rowCount));
  const starts = [0];
  while (starts.length < count) {
    const share = (total * starts.length) / count;
    // The first row with enough work before it; every block after it still has a row.
    let low = starts.at(-1)! + 1;
    let high = rowCount - (count - starts.length);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (workBefore(middle) >= share) high = middle;
      else low = middle + 1;
    }
    starts.push(low);
  }
  starts.push(rowCount);
  return starts;
}

/**
 * The count rounded up to a multiple of four, down if that is above `most`: two or four threads have
 * as many blocks each, and none is idle while another solves the odd one. Counts to 4 stay.
 */
function evenShares(count: number, most: number): number {
  if (count <= 4) return count;
  return Math.min(Math.ceil(count / 4), Math.floor(most / 4)) * 4;
}
