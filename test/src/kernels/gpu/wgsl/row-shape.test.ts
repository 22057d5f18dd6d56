import test from 'ava';
import {
  maxPacked,
  rowShape,
  segmentLength,
} from '../../../../../src/kernels/gpu/wgsl/row-shape.js';

const nvidia = 48 * 1024;
const least = 16 * 1024;

const divides = test.macro({
  exec(t, rank: number, rows: number, workgroupBytes: number) {
    const stride = Math.ceil(rank / 4) * 4;
    const shape = rowShape(stride, rows, workgroupBytes)!;

    t.is(shape.quads, stride / 4);
    t.true(shape.lanes * shape.perLane >= shape.quads, 'every quad has a lane');
    t.true(shape.lanes * (shape.perLane - 1) < shape.quads, 'no lane has only padding');
    t.is(shape.threads, shape.rows * shape.groups * shape.lanes);
    t.true(shape.rows <= rows);
    t.true(shape.slices * shape.columns <= shape.threads);
    for (const power of [shape.lanes, shape.threads, shape.rows, shape.groups]) {
      t.true(Number.isInteger(Math.log2(power)));
    }
    // A segment is whole turns of the groups, whatever is on its way at a time.
    t.is(segmentLength % (shape.groups * 4), 0);
    const words =
      shape.kept * shape.perLane * shape.threads +
      (shape.threads / shape.lanes) * shape.quads +
      (shape.slices + 2) * shape.rows * shape.quads;
    t.true(words * 16 + shape.threads * 4 + shape.rows * 4 + 4 <= workgroupBytes);
  },
  title: (_, rank: number, rows: number, workgroupBytes: number) =>
    `rank ${rank}, ${rows} rows side by side, is divided among threads of ${workgroupBytes} bytes`,
});

for (const rank of [1, 2, 4, 5, 8, 10, 16, 20, 32, 64, 66, 100, 128, 130, 256, 258, 512]) {
  for (const rows of [1, 8]) {
    test(divides, rank, rows, nvidia);
    if (rank <= 300) test(divides, rank, rows, least);
  }
}

test('a row that does not fit into workgroup memory has no shape', (t) => {
  t.is(rowShape(4096, 1, least), undefined);
});

test('a workgroup solves several short rows, and keeps the neighbours of a longer one', (t) => {
  const several = rowShape(64, 8, nvidia)!;
  const one = rowShape(64, 1, nvidia)!;

  t.is(several.rows, 8);
  t.true(maxPacked(several) < one.kept * one.groups);
});
