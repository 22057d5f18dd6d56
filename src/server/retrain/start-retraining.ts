import { asError } from '../../../actors/as-error.js';
import type { ServiceCore } from '../core.js';
import { RetrainError } from '../service-errors.js';
import type { ModelWatch } from '../watch-model.js';
import { retrain } from './retrain.js';
import { schedule } from './schedule.js';

export interface Retraining {
  /** Trains now, unless a training goes on. Rejects with `RetrainError`. */
  now(): Promise<void>;
  /** No training begins any more; one that goes on is killed. */
  stop(): void;
}

/**
 * Trains at the times that the options name, saves at `path`, and takes what was saved. A training
 * that fails is reported as a fault; the model in service stays.
 */
export function startRetraining(
  core: ServiceCore,
  path: string | undefined,
  watch: ModelWatch | undefined,
  take: () => Promise<unknown>,
): Retraining | undefined {
  const { retrain: options, log } = core.options;
  if (options === undefined || path === undefined) return undefined;
  const ending = new AbortController();
  let isTraining = false;

  const trainAndTake = async () => {
    core.tell({ type: 'retraining', message: 'training again, with what the log holds' });
    const report = await retrain({ model: path, log, from: options.from }, ending.signal);
    const { ratings, interactions, seconds } = report;
    core.tell({
      type: 'retrained',
      message: `trained on ${ratings} ratings, with ${interactions} interactions of the log, in ${seconds.toFixed(1)} s`,
    });
    await take();
  };
  const now = async () => {
    if (isTraining || ending.signal.aborted) return;
    isTraining = true;
    try {
      await (watch === undefined ? trainAndTake() : watch.pausedDuring(trainAndTake));
    } finally {
      isTraining = false;
    }
  };
  const job = schedule(options.schedule, async () => {
    await now().catch((error: unknown) => {
      if (ending.signal.aborted) return;
      const message = asError(error).message;
      // What was taken or refused is reported already.
      if (error instanceof RetrainError)
        core.tell({ type: 'fault', message: `training again failed: ${message}` });
    });
  });
  return {
    now,
    stop() {
      job.stop();
      ending.abort();
    },
  };
}
