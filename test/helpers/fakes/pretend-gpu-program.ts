import type {
  Batch,
  BatchWatch,
  GpuProgram,
  ProgramJob,
} from '../../../src/kernels/gpu/gpu-program.js';
import type { JobLayout, SparseLayout } from '../../../src/kernels/job-layout.js';
import { kernelNamed } from '../../../src/kernels/select/choose-kernel.js';
import { fastestBuild } from '../../../src/kernels/wasm/wasm-binary.js';
import type { Side } from '../../../src/ratings/ratings.js';

/** What a pretended device was asked to do, in order. */
export type GpuCall =
  | `ratings ${Side} ${number}-${number}`
  | `rows ${Side} ${number} ${number}-${number}`
  | 'gram'
  | `${Batch['kind']} ${Side} ${number} ${number}-${number}`
  | 'close';

export interface PretendedGpuProgram extends GpuProgram {
  readonly calls: GpuCall[];
}

/** What to do instead of solving, at a batch; undefined to solve. */
export type Mischief = (batch: Batch, watch: BatchWatch) => Promise<void> | undefined;

/**
 * A device that is not there: a second memory of the size of the job's, in which everything that was
 * not uploaded is NaN, and the WASM kernel. What it computes is what WASM computes, to the bit.
 */
export function pretendGpuProgram(
  more: Partial<GpuProgram> & { readonly mischief?: Mischief } = {},
): PretendedGpuProgram {
  const calls: GpuCall[] = [];
  const { mischief, ...overrides } = more;
  return {
    name: 'gpu-wgsl',
    deviceName: 'pretended device',
    refusal: () => undefined,
    open: async (job) => openOn(job, calls, mischief ?? (() => undefined)),
    ...overrides,
    calls,
  };
}

function openOn(job: JobLayout, calls: GpuCall[], mischief: Mischief): ProgramJob {
  const bytes = job.memory.buffer.byteLength;
  const pages = bytes / 65_536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const elsewhere = new Uint8Array(memory.buffer);
  elsewhere.fill(0xff);
  const copy = (to: Uint8Array, from: Uint8Array, offset: number, length: number) => {
    to.set(from.subarray(offset, offset + length), offset);
    return length;
  };
  const upload = (offset: number, length: number) =>
    copy(elsewhere, new Uint8Array(job.memory.buffer), offset, length);
  const readBack = (offset: number, length: number) =>
    copy(new Uint8Array(job.memory.buffer), elsewhere, offset, length);
  const entries = (side: Side, { offsets }: SparseLayout, first: number, end: number) => {
    const { rowCount, blockStarts } = job[side];
    const starts = new Uint32Array(job.memory.buffer, offsets, rowCount + 1);
    return [starts[blockStarts[first]!]!, starts[blockStarts[end]!]!] as const;
  };

  let uploadedBytes = 0;
  for (const side of ['user', 'item'] as const) {
    const { rowCount, copiedFrom, ratings, heldOut, regularizers } = job[side];
    if (copiedFrom !== undefined) continue;
    for (const sparse of [ratings, ...(heldOut ? [heldOut] : [])]) {
      uploadedBytes += upload(sparse.offsets, (rowCount + 1) * 4);
    }
    uploadedBytes += upload(regularizers, rowCount * 4);
  }
  elsewhere.fill(0, job.stopFlag, job.stopFlag + 4);
  const solver = kernelNamed(`wasm-${fastestBuild()}`).open({ ...job, memory });
  const rowBytes = job.stride * 4;
  const squareBytes = job.stride ** 2 * 4;

  return {
    uploadedBytes,
    uploadRatings(side, first, end) {
      calls.push(`ratings ${side} ${first}-${end}`);
      const { ratings, heldOut } = job[side];
      let sum = 0;
      for (const sparse of [ratings, ...(heldOut ? [heldOut] : [])]) {
        const [begin, stop] = entries(side, sparse, first, end);
        sum += upload(sparse.columns + begin * 4, (stop - begin) * 4);
        sum += upload(sparse.ratings + begin * 4, (stop - begin) * 4);
      }
      return sum;
    },
    uploadRows(side, generation, first, end) {
      calls.push(`rows ${side} ${generation} ${first}-${end}`);
      const { factors, blockStarts } = job[side];
      const [begin, stop] = [blockStarts[first]!, blockStarts[end]!];
      const at = factors[(generation & 1) as 0 | 1] + begin * rowBytes;
      return upload(at, (stop - begin) * rowBytes);
    },
    uploadGram() {
      calls.push('gram');
      return upload(job.gram, squareBytes);
    },
    async solve(batch, watch) {
      const { kind, side, iteration, firstBlock, endBlock } = batch;
      calls.push(`${kind} ${side} ${iteration} ${firstBlock}-${endBlock}`);
      const { blockStarts, factors } = job[side];
      await mischief(batch, watch);
      const sums = [];
      for (let block = firstBlock; block < endBlock; block++) {
        sums.push(solver.run({ kind, side, iteration, block }, 0)!);
      }
      // As a map of real memory: it takes a turn.
      await new Promise(setImmediate);
      watch.signal.throwIfAborted();
      let readBackBytes = readBack(
        job.blockGrams + firstBlock * squareBytes,
        (endBlock - firstBlock) * squareBytes,
      );
      if (kind === 'solve') {
        const [begin, stop] = [blockStarts[firstBlock]!, blockStarts[endBlock]!];
        const at = factors[(iteration & 1) as 0 | 1] + begin * rowBytes;
        readBackBytes += readBack(at, (stop - begin) * rowBytes);
      }
      return { sums, readBackBytes };
    },
    close() {
      calls.push('close');
    },
  };
}
