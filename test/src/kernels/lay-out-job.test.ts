import test from 'ava';
import { Arena, alignedBytes } from '../../../src/arena.js';
import { MemoryLimitError } from '../../../src/errors.js';
import { elementView } from '../../../src/kernels/element-view.js';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import {
  bytesOfJob,
  draftJob,
  type JobShape,
  layOutJob,
  rowFormat,
  shapeOf,
  withScratch,
} from '../../../src/kernels/lay-out-job.js';
import { sparseLayout } from '../../../src/kernels/ratings-layout.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { allocateSparseRows } from '../../../src/ratings/sparse-rows.js';

const kernel = { ...referenceKernel, scratchBytes: () => 100 };

/** Three users, two items, no ratings. */
function shape(users = 3): JobShape {
  return {
    ...rowFormat(kernel, 5),
    solver: 'cg',
    overrelaxedAfter: 1,
    cgSteps: 3,
    subspaceSize: 8,
    weighting: {
      feedback: 'implicit',
      alpha: 1,
      unobservedWeight: 1,
      objective: 'confidence',
      offset: 0,
    },
    nonnegative: false,
    phaseOrder: ['user', 'item'],
    user: { rowCount: users, blockStarts: [0, 1, users], entries: 0 },
    item: { rowCount: 2, blockStarts: [0, 2], entries: 0, pinned: 4 },
  };
}

/** A job with its ratings in the same arena. */
function layOut(arena: Arena, slots = 2, of = shape()) {
  const ratings = (rowCount: number) => ({
    ratings: sparseLayout(allocateSparseRows(arena, { rowCount, columnCount: 0, count: 0 })),
  });
  return layOutJob(of, arena, {
    ...{ id: 'job', kernel, slots },
    ratings: { user: ratings(3), item: ratings(2) },
  });
}

/** Offset and bytes of everything that a job of `shape()` reads or writes. */
function regionsOf({ user, item, gram, blockGrams, stopFlag, scratch }: JobLayout) {
  const regions: [offset: number, bytes: number][] = [
    [gram, 25 * 8],
    [blockGrams, 2 * 25 * 8],
    [stopFlag, 4],
    [scratch.offset, scratch.slots * scratch.slotBytes],
  ];
  for (const { rowCount, regularizers, factors, ratings } of [user, item]) {
    regions.push([regularizers, rowCount * 8], [ratings.offsets, (rowCount + 1) * 4]);
    for (const offset of factors) regions.push([offset, rowCount * 5 * 8]);
  }
  return regions.sort((a, b) => a[0] - b[0]);
}

test('regions of a job are apart, and start on 64 bytes', (t) => {
  const regions = regionsOf(layOut(new Arena()).layout);

  for (const [i, [offset, bytes]] of regions.entries()) {
    t.is(offset % 64, 0);
    if (i + 1 < regions.length) t.true(offset + bytes <= regions[i + 1]![0]);
  }
});

test('a job takes the bytes that it is said to take and gives all of them back', (t) => {
  const arena = new Arena();
  const { layout, release } = layOut(arena);
  const taken = arena.usedBytes;

  t.is(layout.scratch.slotBytes, 128);
  release();
  t.is(taken - arena.usedBytes, bytesOfJob(shape()) + 2 * 128);
  release();
  t.is(taken - arena.usedBytes, bytesOfJob(shape()) + 2 * 128);
});

test('a job that does not fit takes nothing and says how much it needs', (t) => {
  const arena = new Arena();
  const large = shape(60_000_000);

  const error = t.throws(() => layOut(arena, 1, large), { instanceOf: MemoryLimitError });

  t.true(error!.neededBytes >= bytesOfJob(large) + 128);
  // The rows' lengths, which were there before.
  t.is(arena.usedBytes, 2 * 3 * alignedBytes(1));
});

test('a draft that gets scratch memory is the job with room for its ratings', (t) => {
  const arena = new Arena();
  const { layout: whole } = layOut(new Arena());
  const drafted = withScratch(draftJob(shape(), arena, 'job'), arena, { kernel, slots: 2 });

  t.deepEqual(Object.keys(drafted).sort(), Object.keys(whole).sort());
  t.deepEqual(shapeOf(drafted), shape());
  t.deepEqual(shapeOf(whole), shape());
  for (const [i, [offset, bytes]] of regionsOf(drafted).slice(0, -1).entries()) {
    t.true(offset + bytes <= regionsOf(drafted)[i + 1]![0]);
  }
});

test('every element of a job starts as zero, though the memory was in use', (t) => {
  const arena = new Arena();
  const first = layOut(arena);
  const rows = (layout: JobLayout) => elementView(layout, layout.user.factors[1], 15);
  rows(first.layout).fill(1);
  first.release();

  t.true(rows(layOut(arena).layout).every((element) => element === 0));
});
