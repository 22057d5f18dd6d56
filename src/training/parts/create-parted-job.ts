import { Arena, arenaBytes } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import { bytesOfJob, bytesOfRatings } from '../../kernels/lay-out-job.js';
import { sparseLayout } from '../../kernels/ratings-layout.js';
import { isDescribed } from '../../ratings/described-ratings.js';
import { type Ratings, rowsOf, type Side } from '../../ratings/ratings.js';
import { createJob, createJobOfShape, type Job, type JobInput } from '../job.js';
import { copyEntries } from './copy-entries.js';
import { type Cut, cutSide } from './cut-side.js';
import {
  bytesOfPart,
  checkMachineMemory,
  checkPartSize,
  joinParts,
  layOutPart,
  type OwnedPart,
  type PartedInput,
  partedInput,
  withheldOf,
} from './lay-out-part.js';

/**
 * `createJob` for a place that takes parts: in one memory where the job fits one, else in parts with
 * memories of their own beside that of the ratings. Both train to the same bits.
 *
 * @param partBytes what a memory of the job takes at most, with its ratings; default and most: what
 *   WebAssembly addresses
 * @param memoryBytes what all parts and the ratings take at most; default what this process may have
 * Throws what `createJob` throws, `MemoryLimitError` if a part of one block is too large, or all together.
 */
export function createFittingJob(
  input: JobInput,
  partBytes: number = arenaBytes,
  memoryBytes?: number,
): Job {
  const { ratings } = input;
  if (isDescribed(ratings)) return createJob(input);
  const parted = partedInput(input, partBytes);
  const beside = bytesBesideRatings(parted);
  const { usedBytes } = ratings.arena;
  if (beside + bytesOfAllRatings(parted) <= partBytes) {
    checkMachineMemory(usedBytes + beside, memoryBytes);
    try {
      return createJobOfShape(input, parted.shape);
    } catch (error) {
      // Other jobs lie beside the same ratings.
      if (!(error instanceof MemoryLimitError)) throw error;
    }
  }
  const cuts = { user: cutsOf(parted, ratings, 'user'), item: cutsOf(parted, ratings, 'item') };
  checkMachineMemory(usedBytes + cuts.user.bytes + cuts.item.bytes, memoryBytes);
  return joinParts(parted, {
    user: partsOfSide(parted, ratings, 'user', cuts.user.cuts),
    item: partsOfSide(parted, ratings, 'item', cuts.item.cuts),
  });
}

/** Bytes of the whole job in one memory, but for its ratings. */
function bytesBesideRatings({ shape, slots, slotBytes }: PartedInput): number {
  return bytesOfJob(shape) + slots * slotBytes;
}

function bytesOfAllRatings({ shape }: PartedInput): number {
  return bytesOfRatings(shape.user) + bytesOfRatings(shape.item);
}

/** Parts of as many blocks as fit, and their bytes in all. Throws `MemoryLimitError`. */
function cutsOf(
  input: PartedInput,
  ratings: Ratings,
  side: Side,
): { readonly cuts: readonly Cut[]; readonly bytes: number } {
  const { shape, partBytes } = input;
  const { blockStarts } = shape[side];
  const rows = rowsOf(ratings, side);
  const withheld = withheldOf(input, side);
  const cuts = cutSide({
    ratings: withheld ? [rows, withheld] : [rows],
    blockStarts,
    fits: (blocks, needed) => bytesOfPart(input, side, blocks, needed) <= partBytes,
  });
  let bytes = 0;
  for (const cut of cuts) {
    const own = bytesOfPart(input, side, cut, cut.needed.length);
    checkPartSize(input, side, own);
    bytes += own;
  }
  return { cuts, bytes };
}

function partsOfSide(
  input: PartedInput,
  ratings: Ratings,
  side: Side,
  cuts: readonly Cut[],
): OwnedPart[] {
  const { blockStarts } = input.shape[side];
  const rows = rowsOf(ratings, side);
  const withheld = withheldOf(input, side);
  return cuts.map((cut) => {
    const { firstBlock, endBlock, needed } = cut;
    const range = { first: blockStarts[firstBlock]!, end: blockStarts[endBlock]! };
    const columnAs = numbersOf(needed, rows.columnCount);
    const arena = new Arena();
    const own = {
      ratings: sparseLayout(copyEntries(rows, range, columnAs, arena)),
      ...(withheld && { heldOut: sparseLayout(copyEntries(withheld, range, columnAs, arena)) }),
    };
    return layOutPart(input, side, cut, { arena, own, needed });
  });
}

/** By row: its place among those needed. */
export function numbersOf(needed: Uint32Array, rowCount: number): Uint32Array {
  const numbers = new Uint32Array(rowCount);
  for (let at = 0; at < needed.length; at++) numbers[needed[at]!] = at;
  return numbers;
}
