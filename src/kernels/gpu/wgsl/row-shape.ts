/**
 * How the threads of a workgroup divide rows of factors among themselves. A row is cut into quads
 * of four coordinates. `lanes` threads side by side hold a row together, some quads each, and
 * make up a group; the groups of a row take its neighbours in turn.
 *
 *     workgroup   | row 0                         | row 1         … `rows`
 *     row         | group 0 | group 1 | … `groups` |
 *     group       | lane 0 … `lanes` − 1           |
 *     lane        quads lane, lane + lanes, …, `perLane` of them
 *
 * It decides in which order a row's sums are added, and so its last bits.
 */
export interface RowShape {
  /** Quads of a row: stride / 4. */
  readonly quads: number;
  /** A power of two. */
  readonly lanes: number;
  readonly perLane: number;
  /** Threads of a workgroup, a power of two. */
  readonly threads: number;
  /** Rows that a workgroup solves side by side, a power of two. */
  readonly rows: number;
  readonly groups: number;
  /** Threads side by side that have a column of quads each in the product with the Gram matrix. */
  readonly columns: number;
  /** Parts that this product's sum is cut into. */
  readonly slices: number;
  /** Neighbours of a group that stay in workgroup memory from one product to the next. */
  readonly kept: number;
}

/** Most threads of a workgroup: four workgroups share a multiprocessor's registers and memory. */
const maxThreads = 128;

/** More would not be used: with 16 of them the longest packed rows are kept wholly. */
const maxKept = 16;

/** Bytes of a quad. */
export const quadBytes = 16;

/** Bytes of the few numbers that the shaders keep beside vectors in workgroup memory. */
const smallBytes = 1024;

/**
 * The shape for rows of `stride` elements, up to `rows` of them side by side; undefined if one does
 * not fit.
 *
 * @param rows how many share a workgroup; with more than a few there are too few registers
 * @param workgroupBytes what the device has of workgroup memory
 */
export function rowShape(
  stride: number,
  rows: number,
  workgroupBytes: number,
): RowShape | undefined {
  const quads = stride / 4;
  const lanes = Math.min(32, Math.max(powerOfTwo(quads / 4), Math.min(2, quads)));
  const perLane = Math.ceil(quads / lanes);
  for (let threads = maxThreads; threads >= lanes; threads /= 2) {
    const most = Math.min(rows, threads / lanes);
    for (let side = most; side >= 1; side /= 2) {
      const shape = fitted({ quads, lanes, perLane, threads, rows: side }, workgroupBytes);
      if (shape !== undefined) return shape;
    }
  }
  return undefined;
}

function fitted(
  shape: Pick<RowShape, 'quads' | 'lanes' | 'perLane' | 'threads' | 'rows'>,
  workgroupBytes: number,
): RowShape | undefined {
  const { quads, lanes, perLane, threads, rows } = shape;
  const columns = Math.min(quads, threads);
  // A third of the memory for the parts of the product at most.
  const room = Math.floor(workgroupBytes / 3 / (rows * quads * quadBytes));
  const slices = Math.max(1, Math.min(Math.floor(threads / columns), room));
  const turnBytes = threads * perLane * quadBytes;
  const usedBytes = smallBytes + turnBytes + (slices + 2) * rows * quads * quadBytes;
  if (usedBytes > workgroupBytes) return undefined;
  const kept = Math.min(maxKept, Math.floor((workgroupBytes - usedBytes) / turnBytes));
  return { ...shape, groups: threads / rows / lanes, columns, slices, kept };
}

/**
 * Most ratings of a row that is solved side by side with others. Few: then the Gram matrix, which
 * they share, costs more than the neighbours, which a row that has the workgroup to itself can keep.
 */
export function maxPacked({ quads, lanes }: RowShape): number {
  return Math.min(segmentLength, Math.max((quads * 4) ** 2 / 128, 64 / lanes));
}

/**
 * Ratings that are summed before their sum joins that of the row: bounds the rounding error of long
 * rows, and is what a workgroup takes of a row that is split over several.
 */
export const segmentLength = 4096;

/** The least power of two that is not less. */
export function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)));
}
