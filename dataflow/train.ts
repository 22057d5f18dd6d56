import { concatMap, Observable, type OperatorFunction } from 'rxjs';
import type { Placement } from '../actors/placements/placement.js';
import { threads } from '../actors/placements/threads.js';
import { startRun } from '../actors/training-run.js';
import { InvalidOptionError, StaleFactorsError } from '../src/errors.js';
import { chooseKernel } from '../src/kernels/choose-kernel.js';
import { createModel } from '../src/model/create-model.js';
import type { FactorModel } from '../src/model/factor-model.js';
import type { Ratings, RatingsSplit } from '../src/ratings/ratings.js';
import { createJob, type Job } from '../src/training/job.js';
import type { JobOptions } from '../src/training/options.js';
import { viewFactors } from '../src/training/read-factors.js';
import { resolveJobOptions } from '../src/training/resolve-options.js';
import type { FinishedEvent, StartedEvent, TrainingEvent } from './training-event.js';

/** Settings of a training run: the model's, and where it runs. */
export interface TrainingOptions extends JobOptions {
  /** Default `threads()`: a worker thread for each core. */
  readonly placement?: Placement;
}

/**
 * Trains a model on every `Ratings` or split of the source, one after the other, and tells what
 * happens as it happens. With a split it trains on `train` and validates on `test`, unless whole
 * users are withheld, whom only fold-in can serve.
 *
 *     ratings   --r|
 *     train()   ----s-p-p-i-p-p-i-(f|)     started, phase, iteration, finished
 *
 * Cold: every subscription is its own run. Unsubscribing stops it within a block and leaves no
 * thread, timer or handle behind. Errors of the source pass through; an error of the run comes
 * after everything it used is closed. Completes when the source has and the last run has finished.
 *
 * Options that are wrong throw `InvalidOptionError` at once, before anything is subscribed.
 */
export function train(
  options: TrainingOptions = {},
): OperatorFunction<Ratings | RatingsSplit, TrainingEvent> {
  const { placement = threads(), ...jobOptions } = options;
  if (typeof placement?.open !== 'function') {
    throw new InvalidOptionError('placement', placement, 'inProcess() or threads(n)');
  }
  const resolved = resolveJobOptions(jobOptions);
  const kernel = chooseKernel(resolved.kernel);

  return concatMap((input) => {
    const { train: ratings, test, foldIn } = 'train' in input ? input : { train: input };
    // Users who are withheld as a whole have no factors yet to validate with.
    const heldOut = foldIn === undefined ? test : undefined;
    // Not composed from operators: this is where the actors' callbacks enter the stream, and where
    // unsubscribing must reach threads.
    return new Observable<TrainingEvent>((subscriber) => {
      const startMs = performance.now();
      const job = createJob({
        ratings,
        ...(heldOut && { heldOut }),
        options: resolved,
        kernel,
        slots: placement.slots,
      });
      let latest = 0;
      let finished: FinishedEvent | undefined;
      let closed = false;
      const run = startRun(job, placement, {
        opened: () => subscriber.next(describeStart(job, placement)),
        event(event) {
          if (event.type !== 'iteration') {
            subscriber.next(event);
            return;
          }
          const { iteration } = event;
          latest = iteration;
          const model = () => {
            // What follows the next iteration writes over this one's factors.
            if (latest !== iteration || closed) throw new StaleFactorsError(iteration);
            return finished?.model ?? readModel(job, iteration);
          };
          subscriber.next({ ...event, model });
        },
        finished() {
          const { iterations } = resolved;
          const model = readModel(job, iterations);
          const seconds = (performance.now() - startMs) / 1000;
          finished = {
            type: 'finished',
            iterations,
            seconds,
            model,
            train: ratings,
            test,
            foldIn,
          };
        },
        closed(error) {
          if (finished === undefined) {
            subscriber.error(error);
            return;
          }
          subscriber.next(finished);
          subscriber.complete();
        },
      });
      return () => {
        closed = finished === undefined;
        void run.stop();
      };
    });
  });
}

function describeStart(
  { layout, ratings, heldOut, options }: Job,
  placement: Placement,
): StartedEvent {
  return {
    type: 'started',
    users: ratings.byUser.rowCount,
    items: ratings.byItem.rowCount,
    ratings: ratings.byUser.columns.length,
    heldOut: heldOut?.byUser.columns.length ?? 0,
    duplicates: ratings.duplicates,
    rank: options.rank,
    iterations: options.iterations,
    solver: layout.solver,
    blocks: {
      user: layout.user.blockStarts.length - 1,
      item: layout.item.blockStarts.length - 1,
    },
    placement: placement.name,
    kernel: layout.kernel,
  };
}

function readModel(job: Job, generation: number): FactorModel {
  const { layout, options } = job;
  return createModel({
    rank: options.rank,
    stride: layout.stride,
    biases: options.biases,
    globalMean: layout.weighting.offset,
    userFactors: viewFactors(job, 'user', generation),
    itemFactors: viewFactors(job, 'item', generation),
    ratings: job.ratings,
    settings: options,
  });
}
