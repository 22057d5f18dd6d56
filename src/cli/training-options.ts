import { resolve } from 'node:path';
import { inProcess } from '../../actors/placements/in-process.js';
import { nodes } from '../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import type { TrainingOptions } from '../../dataflow/training/train.js';
import type { CheckpointOptions } from '../../dataflow/training/training-control.js';
import { listCheckpoints } from '../io/checkpoint-manifest.js';
import { checkCheckpoints } from '../io/prepare-checkpoints.js';
import { type LossSettings, paperSettings } from '../training/options.js';
import { UsageError } from './exit-status.js';
import { natsOptions } from './nats-flags.js';
import { maxIterations, type TrainFlags } from './train-flags.js';

/** The flags as options of the library, which sets those without value or default here. */
export function trainingOptions(flags: TrainFlags): TrainingOptions {
  const { feedback = 'implicit', rank, iterations = maxIterations } = flags;
  const { seed, kernel, blocks } = flags;
  const { biases, globalMean, nonnegative } = flags;
  const { solver, cgSteps, subspaceSize, start, initialScale } = flags;
  // Without the flag the library decides.
  const balance = flags.balance === false ? false : undefined;
  const overrelaxation = flags.overrelaxation === false ? false : undefined;
  if (flags.resume === true && flags.checkpoint === undefined) {
    throw new UsageError(
      'found --resume without a folder; expected that of the checkpoints; ' +
        'try --resume <folder>, or --checkpoint <folder> beside it',
    );
  }
  const placement = choosePlacement(flags);
  const gpu = flags.gpuSoftware && { software: true };
  const common = { feedback, rank, iterations, seed, kernel, gpu, blocks, placement };
  const keeping = { checkpoint: checkpointOptions(flags), resume: flags.resume };
  const shape = { biases, globalMean, nonnegative };
  const solving = { solver, cgSteps, overrelaxation, subspaceSize, balance };
  const starting = { start, initialScale };
  const model = { ...given(shape), ...given(solving), ...given(starting), ...lossOptionsOf(flags) };
  return { ...given(common), ...given(keeping), ...model };
}

/** What the loss is: the flags, over the preset. */
function lossOptionsOf(flags: TrainFlags): Partial<Pick<TrainingOptions, keyof LossSettings>> {
  const { preset, feedback, objective, alpha, unobservedWeight } = flags;
  const { regularization, regularizationExponent } = flags;
  const all = { objective, alpha, unobservedWeight, regularization, regularizationExponent };
  if (preset === undefined) return given(all);
  if (feedback === 'explicit') {
    throw new UsageError(
      'found --preset paper with --feedback explicit; expected implicit feedback, which it is for',
    );
  }
  const chosen = Object.entries(all).filter(([, value]) => value !== undefined && value !== 'auto');
  return { ...paperSettings, ...Object.fromEntries(chosen) };
}

function choosePlacement(flags: TrainFlags): Placement {
  const { threads: count, servers, workers, job, routing } = flags;
  if (servers !== undefined) {
    if (count === undefined)
      return nodes({ ...natsOptions(flags, servers), workers, job, routing });
    throw new UsageError('found --threads and --servers; expected one of the two');
  }
  const [found] = Object.entries({ workers, job, routing })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (found !== undefined) {
    throw new UsageError(`found ${found} without --servers; expected both; try --servers nats://…`);
  }
  return count === 0 ? inProcess() : threads(count);
}

/**
 * Refuses a folder that checkpoints cannot be written to before anything is read.
 *
 * @returns whether there is a checkpoint that the run goes on from
 */
export async function checkCheckpointFlags({ checkpoint, resume }: TrainFlags): Promise<boolean> {
  const from = resume === true ? checkpoint : resume;
  if (checkpoint !== undefined) {
    await checkCheckpoints(checkpoint, from !== undefined && resolve(from) === resolve(checkpoint));
  }
  if (from === undefined) return false;
  // What is wrong with the folder is told when the run goes on from it.
  return (await listCheckpoints(resolve(from)).catch(() => [])).length > 0;
}

function checkpointOptions(flags: TrainFlags): CheckpointOptions | undefined {
  const { checkpoint: path, checkpointEvery: every, checkpointKeep: keep } = flags;
  if (path !== undefined) return { path, ...given({ every, keep }) };
  if (every === undefined && keep === undefined) return undefined;
  throw new UsageError('found a rule for checkpoints but no folder; try --checkpoint <folder>');
}

/** The properties that are not undefined. */
export function given<Flags extends object>(
  flags: Flags,
): { [Name in keyof Flags]: NonNullable<Flags[Name]> } {
  return Object.fromEntries(
    Object.entries(flags).filter(([, value]) => value !== undefined),
  ) as never;
}
