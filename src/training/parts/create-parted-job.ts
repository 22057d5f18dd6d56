import { Arena, arenaBytes } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import { bytesOfJob, bytesOfRatings } from '../../kernels/lay-out-job.js';
import { sparseLayout } from '../../kernels/ratings-layout.js';
import { isCpuKernel } from '../../kernels/select/choose-kernel.js';
import { isDescribed } from '../../ratings/described-ratings.js';
import { type Ratings, rowsOf, type Side } from '../../ratings/ratings.js';
import { createJob, type Job, type JobInput } from '../job.js';
import { copyEntries } from './copy-entries.js';
import { cutSide } from './cut-side.js';
import {
  bytesOfPart,
  checkPartSize,
  isMeasured,
  joinParts,
  layOutPart,
  type OwnedPart,
  type PartedInput,
  partedInput,
} from './lay-out-part.js';

/**
 * `createJob` for a place that takes parts: in one memory where the job fits one, else in parts with
 * memories of their own beside that of the ratings. Both train to the same bits.
 *
 * @param partBytes what a memory of the job takes at most, with its ratings; default and most: what
 *   WebAssembly addresses
 * Throws what `createJob` throws, `MemoryLimitError` if a part of one block is too large.
 */
export function createFittingJob(input: JobInput, partBytes: number = arenaBytes): Job {
  const { ratings, kernel } = input;
  if (isDescribed(ratings) || !isCpuKernel(kernel.name)) return createJob(input);
  if (partBytes === arenaBytes) {
    try {
      return createJob(input);
    } catch (error) {
      if (!(error instanceof MemoryLimitError)) throw error;
    }
  }
  const parted = partedInput(input, partBytes);
  if (partBytes !== arenaBytes && bytesOfWhole(parted) <= partBytes) return createJob(input);
  return joinParts(parted, {
    user: partsOfSide(parted, ratings, 'user'),
    item: partsOfSide(parted, ratings, 'item'),
  });
}

function bytesOfWhole({ shape, slots, slotBytes }: PartedInput): number {
  const ratingsBytes = bytesOfRatings(shape.user) + bytesOfRatings(shape.item);
  return bytesOfJob(shape) + ratingsBytes + slots * slotBytes;
}

function partsOfSide(input: PartedInput, ratings: Ratings, side: Side): OwnedPart[] {
  const { heldOut, shape, partBytes } = input;
  const { blockStarts } = shape[side];
  const rows = rowsOf(ratings, side);
  const withheld = heldOut && isMeasured(input, side) ? rowsOf(heldOut, side) : undefined;
  const cuts = cutSide({
    ratings: withheld ? [rows, withheld] : [rows],
    blockStarts,
    fits: (blocks, needed) => bytesOfPart(input, side, blocks, needed) <= partBytes,
  });
  for (const cut of cuts)
    checkPartSize(input, side, bytesOfPart(input, side, cut, cut.needed.length));
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
