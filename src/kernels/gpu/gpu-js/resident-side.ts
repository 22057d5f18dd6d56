import type { Side } from '../../../ratings/ratings.js';
import type { JobLayout, SparseLayout } from '../../job-layout.js';
import type { Backend, Resident } from './backend.js';
import { cutIntoShards, cutIntoTiles, type Shard } from './shards.js';

/** One side of a job where the kernels run. */
export interface ResidentSide {
  /** The last generation of every row. */
  readonly factors: Resident;
  /** Rows of the side in all, also where these are copies of some. */
  readonly rowCount: number;
  readonly regularizers: Resident;
  /** First row of every block, and the end of the last. */
  readonly blockStarts: Resident;
  readonly shards: readonly ResidentShard[];
}

/** A shard of a side. */
export interface ResidentShard extends Shard {
  /** Where the ratings of every row begin, within the shard. */
  readonly offsets: Resident;
  readonly rowTiles: ResidentTiles;
  readonly ratings: ResidentRatings;
  /** Withheld ratings, of the side that sums errors. */
  readonly heldOut: ResidentRatings | undefined;
}

/** Ratings of a shard. */
export interface ResidentRatings {
  /** The side's offsets of rows and first of these ratings, in the job's memory. */
  readonly sideOffsets: Uint32Array;
  readonly first: number;
  readonly end: number;
  /** Of every rating the row, within the shard. */
  readonly rows: Resident;
  /** Of every rating the row of the fixed side. */
  readonly columns: Resident;
  readonly values: Resident;
  readonly tiles: ResidentTiles;
}

/** `Tiles` where the kernels run. */
export interface ResidentTiles {
  readonly starts: Resident;
  readonly blockStarts: readonly number[];
}

/** Rows and ratings that are summed in float32 before their sum joins the float64 total. */
const [rowTile, ratingTile] = [64, 256];

/** Allocates a side and uploads what does not depend on ratings' values. */
export class SideUpload {
  readonly side: ResidentSide;
  uploadedBytes = 0;
  readonly #job: JobLayout;
  readonly #name: Side;
  readonly #backend: Backend;

  constructor(backend: Backend, job: JobLayout, name: Side, shardLimit?: number) {
    const { memory, stride } = job;
    const { copiedFrom, ratings, heldOut, regularizers, blockStarts } = job[name];
    // Copies are only read.
    const rowCount = copiedFrom === undefined ? job[name].rowCount : 0;
    this.#backend = backend;
    this.#job = job;
    this.#name = name;
    const offsetsOf = (layout: SparseLayout) =>
      new Uint32Array(memory.buffer, layout.offsets, rowCount + 1);
    const offsets = rowCount === 0 ? new Uint32Array(1) : offsetsOf(ratings);
    const heldOutOffsets = heldOut && job.phaseOrder[1] === name ? offsetsOf(heldOut) : undefined;
    const cuts = cutIntoShards(offsets, stride, {
      ...(heldOutOffsets && { heldOut: heldOutOffsets }),
      ...(shardLimit !== undefined && { limit: shardLimit }),
    });
    this.side = {
      factors: backend.allocate(Math.max(1, job[name].rowCount) * stride, stride),
      rowCount: copiedFrom ?? rowCount,
      regularizers:
        rowCount === 0
          ? backend.allocate(1)
          : this.#filled(new Float32Array(memory.buffer, regularizers, rowCount)),
      blockStarts: this.#filled(Float32Array.from(blockStarts)),
      shards: cuts.map((shard) => ({
        ...shard,
        offsets: this.#filled(
          Float32Array.from(
            offsets.subarray(shard.firstRow, shard.endRow + 1),
            (offset) => offset - shard.firstEntry,
          ),
        ),
        rowTiles: this.#tiles(blockStarts, shard.firstRow, shard.endRow, rowTile),
        ratings: this.#ratings(offsets, shard),
        heldOut: heldOutOffsets && this.#ratings(heldOutOffsets, shard),
      })),
    };
  }

  /** `ProgramJob.uploadRows`. */
  uploadRows(generation: number, firstRow: number, endRow: number): number {
    const { memory, stride } = this.#job;
    const at = this.#job[this.#name].factors[generation & 1 ? 1 : 0] + firstRow * stride * 4;
    const rows = new Float32Array(memory.buffer, at, (endRow - firstRow) * stride);
    return this.#backend.upload(this.side.factors, firstRow * stride, rows);
  }

  /** `ProgramJob.uploadRatings`. */
  uploadRatings(firstRow: number, endRow: number): number {
    const { ratings, heldOut } = this.#job[this.#name];
    let bytes = 0;
    for (const shard of this.side.shards) {
      const first = Math.max(firstRow, shard.firstRow);
      const end = Math.min(endRow, shard.endRow);
      if (first >= end) continue;
      bytes += this.#fill(shard, shard.ratings, ratings, first, end);
      if (shard.heldOut) bytes += this.#fill(shard, shard.heldOut, heldOut!, first, end);
    }
    return bytes;
  }

  #fill(
    shard: Shard,
    into: ResidentRatings,
    layout: SparseLayout,
    firstRow: number,
    endRow: number,
  ): number {
    const { buffer } = this.#job.memory;
    const { sideOffsets } = into;
    const [first, end] = [sideOffsets[firstRow]!, sideOffsets[endRow]!];
    if (first === end) return 0;
    const rows = new Float32Array(end - first);
    for (let row = firstRow; row < endRow; row++) {
      rows.fill(row - shard.firstRow, sideOffsets[row]! - first, sideOffsets[row + 1]! - first);
    }
    const columns = new Uint32Array(buffer, layout.columns + first * 4, end - first);
    const values = new Float32Array(buffer, layout.ratings + first * 4, end - first);
    const at = first - into.first;
    return (
      this.#backend.upload(into.rows, at, rows) +
      this.#backend.upload(into.columns, at, Float32Array.from(columns)) +
      this.#backend.upload(into.values, at, values)
    );
  }

  #ratings(sideOffsets: Uint32Array, { firstRow, endRow }: Shard): ResidentRatings {
    const [first, end] = [sideOffsets[firstRow]!, sideOffsets[endRow]!];
    const room = () => this.#backend.allocate(Math.max(1, end - first));
    const bounds = this.#job[this.#name].blockStarts.map((row) => sideOffsets[row]!);
    return {
      sideOffsets,
      first,
      end,
      rows: room(),
      columns: room(),
      values: room(),
      tiles: this.#tiles(bounds, first, end, ratingTile),
    };
  }

  #tiles(bounds: readonly number[], first: number, end: number, size: number): ResidentTiles {
    const { starts, blockStarts } = cutIntoTiles(bounds, { first, end, size });
    return { starts: this.#filled(starts), blockStarts };
  }

  #filled(values: Float32Array): Resident {
    const array = this.#backend.allocate(values.length);
    this.uploadedBytes += this.#backend.upload(array, 0, values);
    return array;
  }
}
