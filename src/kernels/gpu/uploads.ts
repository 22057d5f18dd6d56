import type { Side } from '../../ratings/ratings.js';
import { opposite } from '../../ratings/ratings.js';
import type { JobLayout } from '../job-layout.js';
import { fixedGeneration } from '../kernel.js';
import type { Batch, ProgramJob } from './gpu-program.js';

/** Keeps account of what of a job the device has, and uploads what it lacks. */
export class Uploads {
  readonly #job: JobLayout;
  readonly #onGpu: ProgramJob;
  /** By block: the generation that the device has of its rows. */
  readonly #generations: Readonly<Record<Side, (number | undefined)[]>>;
  /** By block: whether the device has its ratings. */
  readonly #ratings: Readonly<Record<Side, boolean[]>>;
  /** Phase whose fixed side's Gram matrix the device has. */
  #gramOf = '';

  constructor(job: JobLayout, onGpu: ProgramJob) {
    const perBlock = <Value>(side: Side, value: Value): Value[] =>
      new Array<Value>(job[side].blockStarts.length - 1).fill(value);
    this.#job = job;
    this.#onGpu = onGpu;
    this.#generations = { user: perBlock('user', undefined), item: perBlock('item', undefined) };
    this.#ratings = { user: perBlock('user', false), item: perBlock('item', false) };
  }

  /** Uploads what a batch reads and the device lacks; returns the bytes. */
  bringFor(batch: Batch): number {
    const { kind, side, iteration, firstBlock, endBlock } = batch;
    if (kind === 'gram') {
      this.#forgetAll();
      return this.#bringRows(side, iteration, firstBlock, endBlock);
    }
    const fixed = opposite(side);
    const generation = fixedGeneration(this.#job, { kind, side, iteration, block: firstBlock });
    return (
      this.#bringRatings(side, firstBlock, endBlock) +
      this.#bringRows(side, iteration - 1, firstBlock, endBlock) +
      this.#bringRows(fixed, generation, 0, this.#generations[fixed].length) +
      this.#bringGram(`${side} ${iteration}`)
    );
  }

  /** The device has solved a batch. */
  markSolved({ kind, side, iteration, firstBlock, endBlock }: Batch): void {
    if (kind !== 'solve') return;
    this.#generations[side].fill(iteration, firstBlock, endBlock);
  }

  /** Rows of a block were written to the job's memory, by this GPU or elsewhere. */
  forget(side: Side, block: number): void {
    this.#generations[side][block] = undefined;
  }

  /** Before a phase of this kind all factors may have been rewritten, here or elsewhere. */
  #forgetAll(): void {
    this.#generations.user.fill(undefined);
    this.#generations.item.fill(undefined);
    this.#gramOf = '';
  }

  #bringRatings(side: Side, firstBlock: number, endBlock: number): number {
    const has = this.#ratings[side];
    return sumOfRuns(
      firstBlock,
      endBlock,
      (block) => !has[block],
      (first, end) => {
        has.fill(true, first, end);
        return this.#onGpu.uploadRatings(side, first, end);
      },
    );
  }

  #bringRows(side: Side, generation: number, firstBlock: number, endBlock: number): number {
    const held = this.#generations[side];
    return sumOfRuns(
      firstBlock,
      endBlock,
      (block) => held[block] !== generation,
      (first, end) => {
        held.fill(generation, first, end);
        return this.#onGpu.uploadRows(side, generation, first, end);
      },
    );
  }

  #bringGram(phase: string): number {
    if (this.#gramOf === phase) return 0;
    this.#gramOf = phase;
    return this.#onGpu.uploadGram();
  }
}

/** Sums what `take` returns for every longest run of consecutive numbers that are wanted. */
export function sumOfRuns(
  first: number,
  end: number,
  isWanted: (n: number) => boolean,
  take: (first: number, end: number) => number,
): number {
  let sum = 0;
  for (let at = first; at < end; at++) {
    if (!isWanted(at)) continue;
    const start = at;
    while (at < end && isWanted(at)) at++;
    sum += take(start, at);
  }
  return sum;
}
