import { checkRegion, guardRegion, regionBytes } from './guards';
import { addOuterUpper, spreadStep } from './outer';
import { Task } from './task';

/** Rows summed in f32 before their sum joins the f64 total. */
const gramTile: usize = 128;

/** Bytes of scratch memory that `writeBlockGram` uses. */
export function gramBytes(stride: usize): usize {
  return regionBytes((stride * stride) << 3) + regionBytes(tileBytes(stride));
}

function tileBytes(stride: usize): usize {
  return gramTile * spreadStep(stride << 2);
}

/**
 * Writes the Gram matrix of the block's solved rows to `task.blockGram`, both triangles.
 *
 *     scratch   total  stride × stride f64
 *               tile   gramTile rows, spread
 */
export function writeBlockGram(task: Task): void {
  const stride = task.stride;
  const out = task.blockGram;
  const total = task.scratch;
  const rowBytes = stride << 2;
  const step = spreadStep(rowBytes);
  const squareBytes = stride * rowBytes;
  const tile = guardRegion(total, squareBytes << 1);
  guardRegion(tile, tileBytes(stride));
  memory.fill(total, 0, squareBytes << 1);
  const end = task.firstRow + task.rowCount;
  for (let row = task.firstRow; row < end; row += gramTile) {
    const count = min(gramTile, end - row);
    for (let i: usize = 0; i < count; i++) {
      memory.copy(tile + i * step, task.after + (row + i) * rowBytes, rowBytes);
    }
    memory.fill(out, 0, squareBytes);
    addOuterUpper(1, tile, tile, count, step, out, stride, 0, stride);
    for (let at: usize = 0; at < squareBytes; at += 8) {
      const sum = f64x2.promote_low_f32x4(v128.load64_zero(out + at));
      v128.store(total + (at << 1), f64x2.add(sum, v128.load(total + (at << 1))));
    }
  }
  for (let i: usize = 0; i < stride; i++) {
    for (let j = i; j < stride; j++) {
      const sum = <f32>load<f64>(total + ((i * stride + j) << 3));
      store<f32>(out + ((i * stride + j) << 2), sum);
      store<f32>(out + ((j * stride + i) << 2), sum);
    }
  }
  checkRegion(total, squareBytes << 1);
  checkRegion(tile, tileBytes(stride));
}
