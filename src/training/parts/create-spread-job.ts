import { Arena, arenaBytes } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import { bytesOfJob, bytesOfRows, layOutJob } from '../../kernels/lay-out-job.js';
import { noRatings } from '../../kernels/ratings-layout.js';
import { isCpuKernel } from '../../kernels/select/choose-kernel.js';
import { isDescribed } from '../../ratings/described-ratings.js';
import type { Side } from '../../ratings/ratings.js';
import { RowFile } from '../../row-file.js';
import { fillRows } from '../fill-job.js';
import {
  checkInput,
  createJob,
  type Job,
  type JobInput,
  ratingsLayoutOf,
  shapeOfJob,
} from '../job.js';
import type { BlockRange } from './cut-side.js';
import {
  checkPartSize,
  joinParts,
  type OwnedPart,
  type PartedInput,
  partedInput,
  shapeOfPart,
} from './lay-out-part.js';

/** Kernels run elsewhere. */
const noScratch = Object.freeze({ scratchBytes: () => 0 });

/**
 * `createJob` for a place whose tasks run in memories of their own: in one memory where the job fits one,
 * else its rows in memories beside that of the ratings. Of ratings that are only described the rows lie in
 * a file, so that no more than ids and lengths take memory. All train to the same bits.
 *
 * @param partBytes as for `createFittingJob`
 * Throws what `createJob` throws, `MemoryLimitError` if the rows of one block are too large, and what
 * `RowFile` throws.
 */
export function createSpreadJob(input: JobInput, partBytes: number = arenaBytes): Job {
  if (!isCpuKernel(input.kernel.name)) return createJob(input);
  if (isDescribed(input.ratings)) return createJobInFile(input);
  if (partBytes === arenaBytes) {
    try {
      return createJob(input);
    } catch (error) {
      if (!(error instanceof MemoryLimitError)) throw error;
    }
  }
  const { ratings, heldOut } = input;
  const parted = partedInput(input, partBytes);
  const job = joinParts(parted, {
    user: partsOfSide(parted, 'user'),
    item: partsOfSide(parted, 'item'),
  });
  const { shape } = parted;
  const rated = {
    ...{ ...shape, memory: ratings.arena.memory },
    user: { ...shape.user, ...ratingsLayoutOf('user', ratings, heldOut) },
    item: { ...shape.item, ...ratingsLayoutOf('item', ratings, heldOut) },
  };
  return { ...job, layout: { ...job.layout, rated } };
}

function createJobInFile(input: JobInput): Job {
  checkInput(input);
  const rowFile = new RowFile(bytesOfRows(shapeOfJob(input)));
  try {
    const job = createJob({ ...input, rowFile });
    const release = (): void => {
      job.release();
      rowFile.release();
    };
    return { ...job, release };
  } catch (error) {
    rowFile.release();
    throw error;
  }
}

function partsOfSide(input: PartedInput, side: Side): OwnedPart[] {
  const { id, ratings, settings, shape, partBytes } = input;
  const bytesOf = (blocks: BlockRange) => bytesOfJob(shapeOfPart(input, side, blocks, 0));
  return cutByBytes(shape[side].blockStarts.length - 1, bytesOf, partBytes).map((blocks) => {
    checkPartSize(input, side, bytesOf(blocks));
    const { firstBlock, endBlock } = blocks;
    const firstRow = shape[side].blockStarts[firstBlock]!;
    const arena = new Arena();
    const { layout } = layOutJob(shapeOfPart(input, side, blocks, 0), arena, {
      ...{ id, kernel: noScratch, slots: 1 },
      ratings: { user: noRatings, item: noRatings },
    });
    fillRows(layout, side, firstRow, ratings, settings);
    return { layout, firstBlock, endBlock, firstRow, needed: 0, arena };
  });
}

/** Blocks in as few ranges as take at most `maxBytes` each, or are one block. */
function cutByBytes(
  blockCount: number,
  bytesOf: (blocks: BlockRange) => number,
  maxBytes: number,
): BlockRange[] {
  const ranges: BlockRange[] = [];
  let firstBlock = 0;
  for (let endBlock = 1; endBlock <= blockCount; endBlock++) {
    if (endBlock < blockCount && bytesOf({ firstBlock, endBlock: endBlock + 1 }) <= maxBytes) {
      continue;
    }
    ranges.push({ firstBlock, endBlock });
    firstBlock = endBlock;
  }
  return ranges;
}
