import test from 'ava';
import { rowShape } from '../../../../../src/kernels/gpu/wgsl/row-shape.js';
import { bufferRowsOf, planSide } from '../../../../../src/kernels/gpu/wgsl/side-plan.js';
import { kernelNamed } from '../../../../../src/kernels/select/choose-kernel.js';
import { createJob } from '../../../../../src/training/job.js';
import { settingsAsInPaper } from '../../../../helpers/builders/as-in-paper.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';

const packedShape = rowShape(8, 2, 32_768)!;

/** 3,000 users with one or two ratings each, items with about 900. */
const job = createJob({
  ratings: randomRatings({ users: 3000, items: 5, density: 0.3 }),
  settings: settingsAsInPaper({ rank: 8, blocks: 3 }),
  // Laid out as for a device.
  kernel: kernelNamed('wasm-simd128'),
  slots: 1,
}).layout;

const offsetsOf = (side: 'user' | 'item') =>
  new Uint32Array(job.memory.buffer, job[side].ratings.offsets, job[side].rowCount + 1);

test('shards stay in a buffer of factors, and their ratings fit one', (t) => {
  const bindingBytes = 1024 * 8 * 4;

  const plan = planSide(job, job.user, { bindingBytes, packedShape, longRow: 1e6 });

  t.is(plan.bufferRows, 1024);
  t.is(plan.bufferCount, 3);
  t.is(plan.shards[0]!.firstRow, 0);
  t.is(plan.shards.at(-1)!.endRow, 3000);
  for (const [i, shard] of plan.shards.entries()) {
    t.is(shard.firstRow, plan.shards[i - 1]?.endRow ?? 0);
    t.is(Math.floor(shard.firstRow / 1024), shard.buffer);
    t.is(Math.floor((shard.endRow - 1) / 1024), shard.buffer);
    t.is(shard.observed.first, offsetsOf('user')[shard.firstRow]);
    t.true((shard.observed.end - shard.observed.first) * 4 <= bindingBytes);
  }
});

test('ratings are cut into shards of their own when there are many a row', (t) => {
  const plan = planSide(job, job.item, { bindingBytes: 2000 * 4, packedShape, longRow: 1e6 });

  t.is(plan.bufferCount, 1);
  t.true(plan.shards.length >= 2);
  for (const { observed } of plan.shards) t.true(observed.end - observed.first <= 2000);
  const covered = plan.shards.map(({ observed }) => observed.end - observed.first);
  t.is(
    covered.reduce((sum, each) => sum + each, 0),
    offsetsOf('item')[5],
  );
});

test('every row is solved in one way, by how many ratings it has', (t) => {
  const [first, second, third] = [0, 1, 2].map(
    (row) => offsetsOf('item')[row + 1]! - offsetsOf('item')[row]!,
  );

  const { shards } = planSide(job, job.item, {
    bindingBytes: 2 ** 20,
    packedShape,
    longRow: second!,
  });

  const [shard] = shards;
  t.deepEqual([first! > second!, second! > third!], [true, true]);
  t.is(shards.length, 1);
  t.is(shard!.long.length / 2, 1);
  t.is(shard!.segments.length, 1);
  t.is(shard!.segments.word(0, 2), first);
  t.is(shard!.whole.length, 4);
  t.is(shard!.packed.length, 0);
});

test('pieces cover the ratings of the side that sums errors, blocks in order', (t) => {
  const plan = planSide(job, job.item, { bindingBytes: 2000 * 4, packedShape, longRow: 1e6 });

  let [covered, pieces] = [0, 0];
  for (const { list } of plan.shards.map((shard) => shard.pieces)) {
    for (let i = 0; i < list.length; i++) {
      t.true(list.word(i, 2) <= 512);
      covered += list.word(i, 2);
    }
    pieces += list.length;
  }
  t.is(covered, offsetsOf('item')[5]);
  t.is(plan.pieceCount, pieces);
  t.deepEqual(rangesOf(plan.ranges, 2), blockEnds(plan.ranges, 3, pieces));
  t.is(planSide(job, job.user, { bindingBytes: 8000, packedShape, longRow: 1 }).pieceCount, 0);
});

/** Where each block's pieces begin. */
function rangesOf(
  ranges: { readonly length: number; word(i: number, j: number): number },
  word: number,
) {
  return Array.from({ length: ranges.length / 2 }, (_, block) => ranges.word(2 * block, word));
}

/** Where those of the block before end. */
function blockEnds(
  ranges: { readonly length: number; word(i: number, j: number): number },
  word: number,
  pieces: number,
) {
  const ends = rangesOf(ranges, word);
  return ends.at(-1) === pieces ? [0, ...ends.slice(0, -1)] : [];
}

test('slices of Gram matrices stay in a block and in a buffer', (t) => {
  const { slices, blockGrams } = planSide(job, job.user, {
    bindingBytes: 1024 * 8 * 4,
    packedShape,
    longRow: 1e6,
  });

  const { blockStarts } = job.user;
  let row = 0;
  for (let i = 0; i < slices.length; i++) {
    const count = slices.word(i, 1);
    t.is(slices.word(i, 0) + slices.word(i, 3) * 1024, row);
    t.true(slices.word(i, 0) + count <= 1024);
    row += count;
  }
  t.is(row, 3000);
  for (let block = 0; block < 3; block++) {
    const first = slices.startOf(block);
    t.deepEqual(
      [0, 1, 2].map((word) => blockGrams.word(block, word)),
      [first, slices.startOf(block + 1) - first, block],
    );
    const start = slices.word(first, 0) + slices.word(first, 3) * 1024;
    t.is(start, blockStarts[block]);
  }
});

test('a buffer of factors has whole slices, or there is none', (t) => {
  t.is(bufferRowsOf({ rowCount: 5000 }, 64, 2 ** 31), 5000);
  t.is(bufferRowsOf({ rowCount: 5000 }, 64, 64 * 4 * 3000), 2048);
  t.is(bufferRowsOf({ rowCount: 5000 }, 64, 64 * 4 * 1000), 0);
});
