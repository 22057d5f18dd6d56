import { of } from 'rxjs';
import {
  type FactorModel,
  type GpuOptions,
  type KernelName,
  paperSettings,
  type Ratings,
  recommendAll,
  threads,
  train,
} from 'seesaw';
import { objective } from './cases.js';
import { median } from './measure.js';

/** What a training run took, after its first iterations. */
export interface GpuTrial {
  readonly kernel: KernelName;
  /** Of an iteration, the median: from its first phase to its errors. */
  readonly seconds: number;
  /** From subscribing to the first phase: compiling, and the ratings' way to the device. */
  readonly startSeconds: number;
  /** Bytes to and from the device in an iteration. */
  readonly uploadedBytes: number;
  readonly readBackBytes: number;
  /** After each iteration. */
  readonly losses: readonly number[];
}

/** What to train with. */
export interface TrialSettings {
  readonly rank: number;
  readonly kernel: 'wasm' | 'gpu';
  readonly gpu?: GpuOptions;
  /** Iterations before those that count, and those. */
  readonly warmUp: number;
  readonly measured: number;
}

/** Trains as a user would. Rejects if the GPU fails: what WASM then does is not its time. */
export async function trainOnce(
  ratings: Ratings,
  { rank, kernel, gpu, warmUp, measured }: TrialSettings,
): Promise<{ readonly trial: GpuTrial; readonly model: FactorModel }> {
  const seconds: number[] = [];
  const losses: number[] = [];
  const trial = { kernel: '' as KernelName, losses, uploadedBytes: 0, readBackBytes: 0 };
  let model: FactorModel | undefined;
  let startSeconds = Number.NaN;
  const startMs = performance.now();
  const iterations = warmUp + measured;
  const { alpha, regularization, cgSteps, seed } = objective;
  const options = {
    ...paperSettings,
    rank,
    kernel,
    iterations,
    alpha,
    regularization,
    cgSteps,
    seed,
  };
  await of(ratings)
    .pipe(train({ ...options, placement: threads(), ...(gpu && { gpu }) }))
    .forEach((event) => {
      if (event.type === 'started') {
        trial.kernel = event.kernel;
      } else if (event.type === 'phase' && event.iteration === 1) {
        const sinceMs = performance.now() - startMs;
        if (Number.isNaN(startSeconds)) startSeconds = sinceMs / 1000 - event.seconds;
      } else if (event.type === 'phase' && event.iteration === iterations) {
        trial.uploadedBytes += event.uploadedBytes;
        trial.readBackBytes += event.readBackBytes;
      } else if (event.type === 'iteration') {
        seconds.push(event.seconds);
        losses.push(event.loss.total);
      } else if (event.type === 'fault') {
        throw new Error(event.message);
      } else if (event.type === 'finished') {
        model = event.model;
      }
    });
  const measuredSeconds = median(seconds.slice(warmUp));
  return { trial: { ...trial, seconds: measuredSeconds, startSeconds }, model: model! };
}

/** How far apart the losses of two runs are after the last iteration that both have, relatively. */
export function lossesApart(found: GpuTrial, wanted: GpuTrial): number {
  const last = Math.min(found.losses.length, wanted.losses.length) - 1;
  return Math.abs(found.losses[last]! / wanted.losses[last]! - 1);
}

/** Seconds in which all users' lists of 20 come, the better of two times. */
export async function rankOnce(
  model: FactorModel,
  settings: { readonly kernel: 'wasm' | 'gpu'; readonly gpu?: GpuOptions },
): Promise<number> {
  const onFault = ({ message }: { readonly message: string }) => {
    throw new Error(message);
  };
  const times: number[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const startMs = performance.now();
    let lists = 0;
    await of(model)
      .pipe(recommendAll({ count: 20, placement: threads(), onFault, ...settings }))
      .forEach(() => {
        lists++;
      });
    if (lists !== model.userIds.length) throw new RangeError(`${lists} lists`);
    times.push((performance.now() - startMs) / 1000);
  }
  return Math.min(...times);
}

/**
 * Bytes that an iteration must move if nothing but a row and its neighbours' tile stays on the chip:
 * each neighbour once a phase, with its number and rating, and each row read and written.
 */
export function minBytes({
  users,
  items,
  count,
  rank,
}: {
  readonly users: number;
  readonly items: number;
  readonly count: number;
  readonly rank: number;
}): number {
  return 2 * count * (4 * rank + 8) + (users + items) * 8 * rank;
}
