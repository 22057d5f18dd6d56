import { arenaBytes } from '../../../arena.js';
import { DeviceError } from '../../../errors.js';
import type { JobLayout } from '../../job-layout.js';
import type { Gpu } from '../device/gpu.js';
import type { GpuProgram, ProgramShape } from '../gpu-program.js';
import { ShaderCache } from './compiled.js';
import { allocateBuffers } from './job-buffers.js';
import { compileJob, type RowShapes } from './job-shaders.js';
import { rowShape } from './row-shape.js';
import { type ProgramLimits, programLimits, type WgslSettings } from './settings.js';
import { pieceLength } from './shaders/measure-errors.js';
import { bufferRowsOf, planSide } from './side-plan.js';
import { openJob } from './wgsl-job.js';

/** Storage buffers of `solve-rows.ts` beside those of the fixed side. */
const otherBindings = 6;

/** Bytes that slices of Gram matrices take at a time, if one block's do not take more. */
const gramBytes = 256 * 2 ** 20;

/**
 * The fused kernel: shaders of its own for every step of a phase, for rows of any length, in buffers
 * of any number. A row's conjugate gradient runs from start to end in one workgroup, or in part of
 * one, without leaving the chip; see `shaders/solve-rows.ts`.
 *
 * Sums have a fixed order, and no atomics: the same job leaves the same bits, however its blocks are
 * put together and its buffers are cut. Other devices and drivers may round otherwise.
 */
export function wgslProgram(gpu: Gpu, settings: WgslSettings = {}): GpuProgram {
  const limits = programLimits(gpu, settings);
  const cache = new ShaderCache(gpu);
  return {
    name: 'gpu-wgsl',
    deviceName: gpu.name,
    lost: gpu.lost,
    giveUp: (reason) => gpu.giveUp(reason),
    refusal: (shape) => refusalOf(shape, limits),
    async open(job: JobLayout) {
      const shapes = shapesOf(job.stride, limits);
      if (shapes === undefined) throw new DeviceError(tooWide(job.rank, limits));
      const cut = { ...limits, packedShape: shapes.packed };
      const plans = { user: planSide(job, job.user, cut), item: planSide(job, job.item, cut) };
      const gramSlices = gramSlicesOf(job, plans, limits);
      const shaders = await compileJob(cache, job, plans, shapes, limits);
      const buffers = await allocateBuffers(gpu, job, plans, gramSlices);
      const { submitOperations } = limits;
      const on = { job, plans, buffers, shaders, gramSlices, submitOperations };
      return openJob(gpu, on, limits, settings.onTimes);
    },
  };
}

function shapesOf(stride: number, { workgroupBytes, rows }: ProgramLimits): RowShapes | undefined {
  const packed = rowShape(stride, rows, workgroupBytes);
  const whole = rowShape(stride, 1, workgroupBytes);
  return packed && whole && { packed, whole };
}

/** Room for the slices of the block that has most, and of others beside it as far as memory allows. */
function gramSlicesOf(
  { stride }: JobLayout,
  plans: Readonly<Record<'user' | 'item', ReturnType<typeof planSide>>>,
  { bindingBytes }: ProgramLimits,
): number {
  const sides = [plans.user, plans.item];
  const blocks = sides.flatMap(({ blockGrams }) =>
    Array.from({ length: blockGrams.length }, (_, block) => blockGrams.word(block, 1)),
  );
  const most = Math.floor(Math.min(gramBytes, bindingBytes) / (stride ** 2 * 4));
  const all = Math.max(...sides.map(({ slices }) => slices.length));
  return Math.max(...blocks, Math.min(most, all));
}

/** Why a job does not fit; buffers that are cut are not among the reasons. */
function refusalOf(shape: ProgramShape, limits: ProgramLimits): string | undefined {
  const { stride, rank } = shape;
  const { bindingBytes, bindings } = limits;
  if (shapesOf(stride, limits) === undefined) return tooWide(rank, limits);

  const rows = Math.max(shape.users, shape.items);
  const bufferRows = bufferRowsOf({ rowCount: rows }, stride, bindingBytes);
  // The device reads one memory of the job at a time; larger jobs are in parts.
  const atATime = Math.min(rows, Math.floor(arenaBytes / (stride * 4)));
  const bufferCount = Math.ceil(atATime / bufferRows);
  const maxFixedBuffers = bindings - otherBindings;
  if (!(bufferCount <= maxFixedBuffers)) {
    const fits = maxFixedBuffers * Math.floor(bindingBytes / (stride * 4));
    return `found ${rows} rows of rank ${rank}; expected at most ${fits}, what this GPU reads at a time`;
  }
  const most = Math.floor(bindingBytes / 4);
  if (shape.longestRow > most) {
    return `found a row of ${shape.longestRow} ratings; expected at most ${most}, what this GPU reads at a time`;
  }
  const pieces =
    Math.min(shape.users, atATime) +
    Math.min(shape.items, atATime) +
    Math.ceil((shape.ratings + shape.heldOut) / pieceLength);
  const needed = { 'sums of errors': pieces * 32, 'a Gram matrix': stride ** 2 * 4 };
  for (const [what, bytes] of Object.entries(needed)) {
    if (bytes > bindingBytes) {
      return `found a job with ${bytes} bytes for ${what}; expected at most ${bindingBytes}, what this GPU binds at a time`;
    }
  }
  return undefined;
}

function tooWide(rank: number, limits: ProgramLimits): string {
  let widest = 4;
  while (shapesOf(widest * 2, limits) !== undefined) widest *= 2;
  return `found rank ${rank}; expected at most ${widest} with this GPU's workgroup memory of ${limits.workgroupBytes} bytes`;
}
