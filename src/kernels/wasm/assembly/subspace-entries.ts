import { confidences, extras, targets } from './confidence';
import { multiplyAdd } from './lanes';
import { addOuterUpper } from './outer';
import { Workshop, tileRows } from './subspace-workshop';
import { Task, elementAt, indexAt } from './task';

/** system += Σ e·y·yᵀ and slope += Σ (e·prediction − c·t)·y in the subspace. */
export function addEntries(task: Task, workshop: Workshop, at: usize, end: usize): void {
  const widthBytes = workshop.width << 2;
  const weighted = workshop.weighted;
  const plain = workshop.plain;
  for (; at < end; at += tileRows) {
    const count = min(tileRows, end - at);
    let i: usize = 0;
    for (; i + 4 <= count; i += 4) gatherFour(task, workshop, at + i, i * widthBytes);
    for (; i < count; i++) gather(task, workshop, at + i, i * widthBytes);
    const width = workshop.width;
    addOuterUpper(1, weighted, plain, count, widthBytes, workshop.system, width, 0, width);
  }
}

/** One neighbour into the tiles and into the slope. */
// @ts-ignore: decorator
@inline
function gather(task: Task, workshop: Workshop, entry: usize, to: usize): void {
  const widthBytes = workshop.width << 2;
  const slope = workshop.slope;
  const weighted = workshop.weighted + to;
  const plain = workshop.plain + to;
  const y = task.fixed + ((indexAt(task.columns, entry) * task.stride + workshop.first) << 2);
  const r = v128.load32_splat(elementAt(task.ratings, entry));
  const c = confidences(task, r);
  const extra = extras(task, c);
  const prediction = v128.load32_splat(elementAt(workshop.predictions, entry));
  const pull = f32x4.sub(f32x4.mul(extra, prediction), f32x4.mul(c, targets(task, r)));
  for (let lane: usize = 0; lane < widthBytes; lane += 16) {
    const lanes = v128.load(y + lane);
    v128.store(plain + lane, lanes);
    v128.store(weighted + lane, f32x4.mul(extra, lanes));
    v128.store(slope + lane, multiplyAdd(pull, lanes, v128.load(slope + lane)));
  }
}

/** As `gather`, for four neighbours in their order, which share the loads and stores of the slope. */
function gatherFour(task: Task, workshop: Workshop, entry: usize, to: usize): void {
  const widthBytes = workshop.width << 2;
  const rowBytes = task.stride << 2;
  const fixed = task.fixed + (workshop.first << 2);
  let y0 = fixed + indexAt(task.columns, entry) * rowBytes;
  let y1 = fixed + indexAt(task.columns, entry + 1) * rowBytes;
  let y2 = fixed + indexAt(task.columns, entry + 2) * rowBytes;
  let y3 = fixed + indexAt(task.columns, entry + 3) * rowBytes;
  const r = v128.load(elementAt(task.ratings, entry));
  const c = confidences(task, r);
  const extra = extras(task, c);
  const prediction = v128.load(elementAt(workshop.predictions, entry));
  const pull = f32x4.sub(f32x4.mul(extra, prediction), f32x4.mul(c, targets(task, r)));
  const e0 = v128.shuffle<f32>(extra, extra, 0, 0, 0, 0);
  const e1 = v128.shuffle<f32>(extra, extra, 1, 1, 1, 1);
  const e2 = v128.shuffle<f32>(extra, extra, 2, 2, 2, 2);
  const e3 = v128.shuffle<f32>(extra, extra, 3, 3, 3, 3);
  const p0 = v128.shuffle<f32>(pull, pull, 0, 0, 0, 0);
  const p1 = v128.shuffle<f32>(pull, pull, 1, 1, 1, 1);
  const p2 = v128.shuffle<f32>(pull, pull, 2, 2, 2, 2);
  const p3 = v128.shuffle<f32>(pull, pull, 3, 3, 3, 3);
  const apart = workshop.weighted - workshop.plain;
  let plain0 = workshop.plain + to;
  let plain1 = plain0 + widthBytes;
  let plain2 = plain1 + widthBytes;
  let plain3 = plain2 + widthBytes;
  let slope = workshop.slope;
  for (const end = slope + widthBytes; slope < end; slope += 16) {
    let sum = v128.load(slope);
    const a = v128.load(y0);
    v128.store(plain0, a);
    v128.store(plain0 + apart, f32x4.mul(e0, a));
    sum = multiplyAdd(p0, a, sum);
    const b = v128.load(y1);
    v128.store(plain1, b);
    v128.store(plain1 + apart, f32x4.mul(e1, b));
    sum = multiplyAdd(p1, b, sum);
    const d = v128.load(y2);
    v128.store(plain2, d);
    v128.store(plain2 + apart, f32x4.mul(e2, d));
    sum = multiplyAdd(p2, d, sum);
    const f = v128.load(y3);
    v128.store(plain3, f);
    v128.store(plain3 + apart, f32x4.mul(e3, f));
    v128.store(slope, multiplyAdd(p3, f, sum));
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
    plain0 += 16;
    plain1 += 16;
    plain2 += 16;
    plain3 += 16;
  }
}
