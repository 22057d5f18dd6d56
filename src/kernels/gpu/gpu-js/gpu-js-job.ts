import type { Side } from '../../../ratings/ratings.js';
import { opposite } from '../../../ratings/ratings.js';
import { addErrors, noSums } from '../../error-sums.js';
import { type JobLayout, stepLength } from '../../job-layout.js';
import type { BlockSums } from '../../kernel.js';
import type { Batch, BatchResult, BatchWatch, ProgramJob } from '../gpu-program.js';
import type { Backend, Resident } from './backend.js';
import { ReadBack } from './read-back.js';
import { SideUpload } from './resident-side.js';
import { type PhaseArrays, type RowSpan, SpanSolver } from './solve-span.js';
import { type BlockSpan, SpanSummer, type SpanSums } from './sum-span.js';

/** A job of the gpu.js kernel; closes the backend with itself. */
export class GpuJsJob implements ProgramJob {
  readonly #job: JobLayout;
  readonly #backend: Backend;
  readonly #sides: Readonly<Record<Side, SideUpload>>;
  readonly #gram: Resident;
  readonly #solver: SpanSolver;
  readonly #summer: SpanSummer;

  /** @param shardLimit as `cutIntoShards` has it; for tests */
  constructor(backend: Backend, job: JobLayout, shardLimit?: number) {
    this.#job = job;
    this.#backend = backend;
    this.#sides = {
      user: new SideUpload(backend, job, 'user', shardLimit),
      item: new SideUpload(backend, job, 'item', shardLimit),
    };
    this.#gram = backend.allocate(job.stride ** 2, job.stride);
    this.#solver = new SpanSolver(backend, job);
    this.#summer = new SpanSummer(backend, job, this.#solver);
  }

  get uploadedBytes(): number {
    return this.#sides.user.uploadedBytes + this.#sides.item.uploadedBytes;
  }

  uploadRatings(side: Side, firstBlock: number, endBlock: number): number {
    const { firstRow, endRow } = this.#rowsOf(side, { firstBlock, endBlock });
    return this.#sides[side].uploadRatings(firstRow, endRow);
  }

  uploadRows(side: Side, generation: number, firstBlock: number, endBlock: number): number {
    const { firstRow, endRow } = this.#rowsOf(side, { firstBlock, endBlock });
    return this.#sides[side].uploadRows(generation, firstRow, endRow);
  }

  uploadGram(): number {
    const { memory, gram, stride } = this.#job;
    return this.#backend.upload(this.#gram, 0, new Float32Array(memory.buffer, gram, stride ** 2));
  }

  async solve(batch: Batch, { signal, progress }: BatchWatch): Promise<BatchResult> {
    const readBack = new ReadBack(this.#backend, signal);
    const { side } = this.#sides[batch.side];
    const sums: BlockSums[] = new Array(batch.endBlock - batch.firstBlock).fill(noSums);
    if (batch.kind === 'solve') {
      for (const span of this.#spansOf(batch)) {
        for (const [at, of] of (await this.#solveSpan(batch, span, readBack)).entries()) {
          sums[at] = addPart(sums[at]!, of);
        }
        progress();
      }
    }
    await this.#summer.writeGrams(side, batch, readBack);
    return { sums, readBackBytes: readBack.bytes };
  }

  close(): void {
    this.#backend.close();
  }

  async #solveSpan(batch: Batch, span: RowSpan, readBack: ReadBack): Promise<SpanSums[]> {
    const { stride, memory, phaseOrder } = this.#job;
    const solved = this.#job[batch.side];
    const arrays: PhaseArrays = {
      solved: this.#sides[batch.side].side,
      fixed: this.#sides[opposite(batch.side)].side,
      gram: this.#gram,
      largest: this.#largestOfGram(),
      stepLength: stepLength(this.#job, batch.iteration),
      pinned: solved.pinned ?? -1,
    };
    const rows = await this.#solver.solve(span, arrays);
    const elements = (span.endRow - span.firstRow) * stride;
    const first = span.firstRow * stride;
    const into = new Float32Array(
      memory.buffer,
      solved.factors[batch.iteration & 1 ? 1 : 0] + first * 4,
      elements,
    );
    const isLast = batch.side === phaseOrder[1];
    const [sums] = await Promise.all([
      this.#summer.sum({ span, rows, blocks: batch }, arrays, isLast, readBack),
      readBack.into(into, rows),
    ]);
    this.#backend.copy(rows, elements, arrays.solved.factors, first);
    rows.free();
    return sums;
  }

  #largestOfGram(): number {
    const { memory, gram, stride } = this.#job;
    const elements = new Float32Array(memory.buffer, gram, stride ** 2);
    let largest = 0;
    for (let at = 0; at < elements.length; at += stride + 1) {
      largest = Math.max(largest, elements[at]!);
    }
    return largest || 1;
  }

  #rowsOf(side: Side, { firstBlock, endBlock }: BlockSpan): { firstRow: number; endRow: number } {
    const { blockStarts } = this.#job[side];
    return { firstRow: blockStarts[firstBlock]!, endRow: blockStarts[endBlock]! };
  }

  /** The shards' shares of a batch; none of blocks without rows. */
  #spansOf(batch: Batch): RowSpan[] {
    const { firstRow, endRow } = this.#rowsOf(batch.side, batch);
    return this.#sides[batch.side].side.shards
      .map((shard) => ({
        shard,
        firstRow: Math.max(firstRow, shard.firstRow),
        endRow: Math.min(endRow, shard.endRow),
      }))
      .filter((span) => span.firstRow < span.endRow);
  }
}

function addPart(sums: BlockSums, { errors, heldOut, regularization }: SpanSums): BlockSums {
  return {
    ...addErrors(sums, errors),
    regularization: sums.regularization + regularization,
    heldOut: addErrors(sums.heldOut, heldOut),
  };
}
