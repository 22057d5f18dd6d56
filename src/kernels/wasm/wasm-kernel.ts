import { alignedBytes, type SharedMemory } from '../../arena.js';
import { SingularSystemError } from '../../errors.js';
import { opposite } from '../../ratings/ratings.js';
import { noSums } from '../error-sums.js';
import { type JobLayout, type RatedJob, stepLength, unobservedShare } from '../job-layout.js';
import {
  type BlockSolver,
  type BlockSums,
  type BlockTask,
  fixedGeneration,
  type Kernel,
} from '../kernel.js';
import {
  fastestBuild,
  instantiate,
  isSupported,
  reportTraps,
  type WasmBuild,
  type WasmExports,
} from './wasm-binary.js';
import { errorSumFields, recordBytes, taskFields, writeRecord } from './wasm-record.js';

/**
 * How `cg` and `subspace` cut their work, for the sake of the second-level cache. The rows of a batch
 * walk the fixed side together, chunk by chunk. None of it changes a bit of the result.
 */
export interface WalkLimits {
  /** Bytes of the fixed side's factors in a chunk. */
  readonly chunkBytes: number;
  /** Bytes of one vector of every row in a batch; there are three. */
  readonly batchBytes: number;
  /** Ratings in a batch, or those of one row if it has more. */
  readonly batchEntries: number;
}

/** Measured at 1 M and 20 M ratings with 1 MiB of second-level cache a core. */
export const walkLimits: WalkLimits = Object.freeze({
  chunkBytes: 512 * 1024,
  batchBytes: 512 * 1024,
  batchEntries: 1024 * 1024,
});

/** What the solvers return, as `Outcome` in assembly/task.ts. */
const stopped = 1;
const singular = 2;

/**
 * The kernel in WebAssembly, float32 with four lanes; every solver and a Gram matrix a block.
 * `relaxed-simd` rounds once where `simd128` rounds twice, so the two differ in last bits.
 */
export function wasmKernel(build: WasmBuild, limits: WalkLimits = walkLimits): Kernel {
  return {
    name: `wasm-${build}`,
    elementBytes: 4,
    lanes: 4,
    scratchBytes(job) {
      // Both builds use the same, and a supervisor may not run the one of its nodes.
      const wasm = instantiate(isSupported(build) ? build : fastestBuild(), job.memory);
      return alignedBytes(wasm.taskBytes()) + solverBytes(job, wasm, walkOf(job, limits));
    },
    open: (job) => openWasm(job, build, walkOf(job, limits)),
  };
}

function openWasm(job: JobLayout, build: WasmBuild, walk: Walk): BlockSolver {
  const wasm = instantiate(build, job.memory);
  const scratchAt = alignedBytes(wasm.taskBytes());
  return {
    run(task: BlockTask, slot: number): BlockSums | undefined {
      const record = job.scratch.offset + slot * job.scratch.slotBytes;
      const sumsAt = record + sumsOffset;
      writeTask(record, job, task, walk, record + scratchAt);
      if (task.kind === 'gram') {
        reportTraps(build, describeTask(job, task), () => wasm.blockGram(record));
        return noSums;
      }
      const run = task.kind === 'sketch' ? 'sketch' : solverExports[job.solver];
      const outcome = reportTraps(build, describeTask(job, task), () => wasm[run](record));
      if (outcome === stopped) return undefined;
      if (task.kind === 'sketch') return noSums;
      if (outcome === singular) {
        throw new SingularSystemError(task.side, singularRow(job.memory, record));
      }
      return readSums(job.memory, sumsAt);
    },
  };
}

function describeTask({ rank, solver }: JobLayout, { kind, ...task }: BlockTask): string {
  const block = `${task.side} block ${task.block}`;
  const what = `${block} of iteration ${task.iteration} at rank ${rank}`;
  switch (kind) {
    case 'sketch':
      return `sketch ${block} at rank ${rank}`;
    case 'gram':
      return `sum the Gram matrix of ${what}`;
    case 'solve':
      return `solve ${what} by ${solver}`;
    default:
      return kind satisfies never;
  }
}

const solverExports = Object.freeze({
  cg: 'conjugateGradient',
  cholesky: 'cholesky',
  subspace: 'subspace',
} as const);

/** Bytes of scratch memory that the job's solver uses; WASM returns u32 as i32. */
function solverBytes(job: RatedJob, wasm: WasmExports, walk: Walk): number {
  const { solver, stride, subspaceSize } = job;
  switch (solver) {
    case 'cg':
      return wasm.conjugateGradientScratch(stride, walk.rows, walk.entries) >>> 0;
    case 'cholesky':
      return wasm.choleskyScratch(stride, job.nonnegative ? 1 : 0) >>> 0;
    case 'subspace':
      return wasm.subspaceScratch(stride, subspaceSize, walk.rows, walk.entries) >>> 0;
    default:
      return solver satisfies never;
  }
}

/** Most rows and entries that `cg` and `subspace` take together, and fixed rows in a chunk. */
interface Walk {
  readonly rows: number;
  readonly entries: number;
  readonly chunkRows: number;
}

/** The limits in rows and entries, no more than the job's blocks have use for. */
function walkOf(job: RatedJob, limits: WalkLimits): Walk {
  const rowBytes = job.stride * 4;
  let rows = 0;
  // Predictions of withheld ratings use the room of entries, in tiles of 256.
  let entries = 256;
  for (const side of ['user', 'item'] as const) {
    const { ratings, rowCount, blockStarts, copiedFrom } = job[side];
    if (copiedFrom !== undefined) continue;
    const offsets = new Uint32Array(job.memory.buffer, ratings.offsets, rowCount + 1);
    for (let block = 0; block + 1 < blockStarts.length; block++) {
      const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
      let most = limits.batchEntries;
      for (let row = first; row < end; row++) {
        most = Math.max(most, offsets[row + 1]! - offsets[row]!);
      }
      rows = Math.max(rows, end - first);
      entries = Math.max(entries, Math.min(most, offsets[end]! - offsets[first]!));
    }
  }
  return {
    rows: Math.min(rows, Math.ceil(limits.batchBytes / rowBytes)),
    entries,
    chunkRows: Math.ceil(limits.chunkBytes / rowBytes),
  };
}

/** Writes the record of a task. */
function writeTask(
  record: number,
  job: JobLayout,
  task: BlockTask,
  walk: Walk,
  scratch: number,
): void {
  const { weighting } = job;
  const solved = job[task.side];
  const fixed = job[opposite(task.side)];
  const measured = task.kind === 'solve' && task.side === job.phaseOrder[1];
  const heldOut = measured ? solved.heldOut : undefined;
  const firstRow = solved.blockStarts[task.block]!;
  const after = task.iteration & 1;
  // A `gram` task of iteration 0 has no generation before, and reads none.
  const fixedAt = task.kind === 'gram' ? 0 : fixedGeneration(job, task) & 1;

  writeRecord(job.memory, record, taskFields, {
    rank: job.rank,
    stride: job.stride,
    firstRow,
    rowCount: solved.blockStarts[task.block + 1]! - firstRow,
    fixed: fixed.factors[fixedAt as 0 | 1],
    fixedRowCount: fixed.rowCount,
    fixedTotal: fixed.copiedFrom ?? fixed.rowCount,
    before: solved.factors[(1 - after) as 0 | 1],
    after: solved.factors[after as 0 | 1],
    ...solved.ratings,
    heldOutOffsets: heldOut?.offsets ?? 0,
    heldOutColumns: heldOut?.columns ?? 0,
    heldOutRatings: heldOut?.ratings ?? 0,
    regularizers: solved.regularizers,
    gram: job.gram,
    blockGram: job.blockGrams + task.block * job.stride ** 2 * 4,
    stopFlag: job.stopFlag,
    scratch,
    cgSteps: job.cgSteps,
    implicit: weighting.feedback === 'implicit' ? 1 : 0,
    alpha: weighting.alpha,
    unobservedWeight: weighting.unobservedWeight,
    observedShare: unobservedShare(weighting),
    offset: weighting.offset,
    measured: measured ? 1 : 0,
    batchRows: walk.rows,
    batchEntries: walk.entries,
    chunkRows: walk.chunkRows,
    subspaceSize: job.subspaceSize,
    pinned: solved.pinned ?? -1,
    nonnegative: job.nonnegative ? 1 : 0,
    stepLength: stepLength(job, task.iteration),
    singularRow: 0,
  });
}

/** The last field of the record. */
function singularRow(memory: SharedMemory, record: number): number {
  return new Uint32Array(memory.buffer, record + recordBytes(taskFields) - 4, 1)[0]!;
}

/** Byte of a record where its sums begin, the first float64 after its words. */
const sumsOffset = Math.ceil(recordBytes(taskFields) / 8) * 8;

/** The sums after the record: one number, then those of observed and of withheld cells. */
function readSums(memory: SharedMemory, sumsAt: number): BlockSums {
  const width = errorSumFields.length;
  const sums = new Float64Array(memory.buffer, sumsAt, 1 + 2 * width);
  const errors = (from: number) =>
    Object.fromEntries(errorSumFields.map((name, i) => [name, sums[from + i]!])) as Record<
      (typeof errorSumFields)[number],
      number
    >;
  return { ...errors(1), regularization: sums[0]!, heldOut: errors(1 + width) };
}
