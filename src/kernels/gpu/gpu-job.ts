import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeviceError } from '../../errors.js';
import type { Side } from '../../ratings/ratings.js';
import type { TaskQueue } from '../../task-queue.js';
import type { GpuSolver, GpuSums, GpuTraffic } from '../gpu-solver.js';
import type { JobLayout } from '../job-layout.js';
import type { BlockTask } from '../kernel.js';
import { asDeviceError, checkSums, onLoss, silenceError } from './gpu-faults.js';
import type { Batch, BatchResult, GpuProgram, ProgramJob } from './gpu-program.js';
import { Uploads } from './uploads.js';

/** A task that waits for the GPU. */
interface Waiting {
  readonly task: BlockTask;
  readonly resolve: (sums: GpuSums | undefined) => void;
  readonly reject: (error: DeviceError) => void;
}

/** A job on a GPU. Tasks that come in one turn of the event loop are batches of blocks. */
export class GpuJob implements GpuSolver {
  readonly #program: GpuProgram;
  readonly #job: JobLayout;
  readonly #onGpu: ProgramJob;
  readonly #deadline: number;
  readonly #turns: TaskQueue<void>;
  readonly #uploads: Uploads;
  /** Tasks that have no answer yet, in the order in which they came. */
  #waiting: readonly Waiting[] = [];
  /** Raised when nothing waits for the GPU any more. */
  readonly #leaving = new AbortController();
  /** Bytes uploaded that no task has reported. */
  #unreportedBytes: number;
  /** What is under way; settles when the GPU is idle. */
  #working: Promise<void> | undefined;
  /** Settles if the GPU is silent. */
  readonly #silence: Promise<void>;
  #giveUp = (): void => {};
  #failure: DeviceError | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param deadline seconds without an answer after which the GPU is given up
   * @param turns of jobs whose batches go one after the other: one that waits for others is not silent
   */
  constructor(
    program: GpuProgram,
    job: JobLayout,
    onGpu: ProgramJob,
    { deadline, turns }: { readonly deadline: number; readonly turns: TaskQueue<void> },
  ) {
    this.#program = program;
    this.#job = job;
    this.#onGpu = onGpu;
    this.#deadline = deadline;
    this.#turns = turns;
    this.#uploads = new Uploads(job, onGpu);
    this.#unreportedBytes = onGpu.uploadedBytes;
    this.#silence = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    onLoss(program, this.#leaving.signal, (error) => this.#fail(error));
  }

  run(task: BlockTask): Promise<GpuSums | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting = [...this.#waiting, { task, resolve, reject }];
      this.#working ??= this.#workLater();
    });
  }

  forget(side: Side, block: number): void {
    this.#uploads.forget(side, block);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#fail(new DeviceError('the job is closed; expected tasks before close()'));
    // Dawn ends the process if buffers go while they are being mapped.
    await Promise.race([this.#working, this.#silence]);
    this.#onGpu.close();
  }

  /** Rejects whatever waits now or later. */
  #fail(error: DeviceError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#leaving.abort(error);
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }

  /** Works off what has come when the turn is over, and what comes meanwhile. */
  async #workLater(): Promise<void> {
    await nextTurn();
    try {
      while (this.#waiting.length > 0) await this.#turns.add(() => this.#takeTurn());
    } catch (error) {
      this.#fail(asDeviceError(error, this.#program));
    }
    this.#working = undefined;
  }

  /** Ends when a batch is done, or the GPU given up. */
  async #takeTurn(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await Promise.race([this.#workOff(nextBatch(this.#waiting)), this.#silence]);
  }

  async #workOff(batch: Batch): Promise<void> {
    if (this.#isStopped()) return this.#answer(batch, () => undefined);
    const start = performance.now();
    const uploadedBytes = this.#unreportedBytes + this.#uploads.bringFor(batch);
    this.#unreportedBytes = 0;
    const result = await this.#solve(batch);
    // All waiting callers have been answered.
    if (this.#failure !== undefined) return;
    checkSums(result, this.#program);
    this.#uploads.markSolved(batch);
    const seconds = (performance.now() - start) / 1000;
    const shares = workShares(this.#job, batch);
    const traffic = { uploadedBytes, readBackBytes: result.readBackBytes };
    this.#answer(batch, (at) => ({
      sums: result.sums[at]!,
      seconds: seconds * shares[at]!,
      traffic: at === 0 ? traffic : noTraffic,
    }));
  }

  /** Gives the GPU up if it makes no progress for too long. */
  async #solve(batch: Batch): Promise<BatchResult> {
    const late = () => {
      this.#fail(silenceError(this.#program, this.#deadline));
      this.#giveUp();
    };
    const wait = () => setTimeout(late, this.#deadline * 1000);
    let timer = wait();
    const progress = () => {
      clearTimeout(timer);
      if (!this.#leaving.signal.aborted) timer = wait();
    };
    const watch = { signal: this.#leaving.signal, progress };
    try {
      return await this.#onGpu.solve(batch, watch);
    } finally {
      clearTimeout(timer);
    }
  }

  #isStopped(): boolean {
    const { memory, stopFlag } = this.#job;
    return Atomics.load(new Int32Array(memory.buffer, stopFlag, 1), 0) !== 0;
  }

  /** @param sumsOf a block's answer, by its place in the batch */
  #answer(batch: Batch, sumsOf: (at: number) => GpuSums | undefined): void {
    const isAnswered = ({ task }: Waiting) => includes(batch, task);
    const answered = this.#waiting.filter(isAnswered);
    this.#waiting = this.#waiting.filter((each) => !isAnswered(each));
    for (const { task, resolve } of answered) resolve(sumsOf(task.block - batch.firstBlock));
  }
}

const noTraffic: GpuTraffic = Object.freeze({ uploadedBytes: 0, readBackBytes: 0 });

/** The longest run of blocks that wait for the same phase as the task that has waited longest. */
function nextBatch(waiting: readonly Waiting[]): Batch {
  const { kind, side, iteration, block } = waiting[0]!.task;
  const inPhase = { kind, side, iteration, firstBlock: 0, endBlock: Number.POSITIVE_INFINITY };
  const blocks = new Set(
    waiting.filter(({ task }) => includes(inPhase, task)).map(({ task }) => task.block),
  );
  let [firstBlock, endBlock] = [block, block + 1];
  while (blocks.has(firstBlock - 1)) firstBlock--;
  while (blocks.has(endBlock)) endBlock++;
  return { kind, side, iteration, firstBlock, endBlock };
}

function includes(batch: Batch, { kind, side, iteration, block }: BlockTask): boolean {
  return (
    kind === batch.kind &&
    side === batch.side &&
    iteration === batch.iteration &&
    block >= batch.firstBlock &&
    block < batch.endBlock
  );
}

/** By block of a batch: its share of the work, as blocks are cut by; see `partitionByWork`. */
function workShares(job: JobLayout, { side, firstBlock, endBlock }: Batch): number[] {
  const { blockStarts, ratings, rowCount } = job[side];
  const offsets = new Uint32Array(job.memory.buffer, ratings.offsets, rowCount + 1);
  const work = (block: number): number => {
    const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
    return offsets[end]! - offsets[first]! + ((end - first) * job.rank) / 2;
  };
  const works = Array.from({ length: endBlock - firstBlock }, (_, at) => work(firstBlock + at));
  const total = works.reduce((sum, each) => sum + each, 0);
  return works.map((each) => (total > 0 ? each / total : 1 / works.length));
}
