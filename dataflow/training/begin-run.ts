import type { Observer } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import type { IterationReport } from '../../actors/run-event.js';
import { startRun, type TrainingRun } from '../../actors/training-run.js';
import { StaleFactorsError } from '../../src/errors.js';
import type { KernelChoice } from '../../src/kernels/select/kernel-choice.js';
import { createModel } from '../../src/model/create-model.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import { keepModel, restoreKept } from '../../src/model/kept-model.js';
import type { PaddedFactors } from '../../src/model/ranking/changing-lists.js';
import type { DescribedRatings } from '../../src/ratings/described-ratings.js';
import type { Id } from '../../src/ratings/id-vocabulary.js';
import type { Ratings, SplitLeftOut } from '../../src/ratings/ratings.js';
import { entryCount } from '../../src/ratings/sparse-rows.js';
import { createJob, type Job } from '../../src/training/job.js';
import type { ResolvedJobOptions } from '../../src/training/options.js';
import type { KeptModel } from '../../src/training/snapshot.js';
import { viewFactors } from '../../src/training/view-factors.js';
import { keepJob, newJob, type RestoredJob } from './keep-job.js';
import { rankSample } from './rank-sample.js';
import type { ResolvedControl } from './training-control.js';
import type {
  FinishedEvent,
  IterationEvent,
  ResumedFrom,
  StartedEvent,
  TrainingEvent,
} from './training-event.js';

/** What is trained on, and how. */
export interface TrainingInput {
  readonly ratings: Ratings | DescribedRatings;
  readonly test: Ratings | undefined;
  /** Set where whole users are withheld. */
  readonly foldIn: Ratings | undefined;
  readonly leftOut: SplitLeftOut | undefined;
  readonly options: ResolvedJobOptions;
  readonly control: ResolvedControl;
  /** Of items by id, for every model of the run. */
  readonly titles: ReadonlyMap<Id, string> | undefined;
}

/** Ratings to validate against. Users who are withheld as a whole have no factors yet to do so with. */
export function validationOf({
  test,
  foldIn,
}: Pick<TrainingInput, 'test' | 'foldIn'>): Ratings | undefined {
  return foldIn === undefined ? test : undefined;
}

/**
 * Starts a run and emits its events. After `stop` it emits nothing, and factors that were not
 * copied are gone. Throws what `createJob` throws.
 *
 * @param startMs when the run was asked for, by `performance.now()`
 */
export function beginRun(
  { ratings, test, foldIn, leftOut, options, control, titles }: TrainingInput,
  placement: Placement,
  { kernel, reason }: KernelChoice,
  startMs: number,
  observer: Observer<TrainingEvent>,
): TrainingRun {
  const heldOut = validationOf({ test, foldIn });
  const { slots } = placement;
  const { gpu } = control;
  const job = createJob({ ratings, ...(heldOut && { heldOut }), options, kernel, gpu, slots });
  /** Models that the run may end with, by who keeps them. */
  const kept = new Map<string, KeptModel>();
  const { restored, checkpoints, release } = keepJob(job, control, () => [...kept.values()]);
  let before: RestoredJob = newJob;
  let latest = 0;
  let finished: FinishedEvent | undefined;
  let isStopped = false;

  const describeEnd = (iterations: number, model: FactorModel): FinishedEvent => {
    const seconds = (performance.now() - startMs) / 1000;
    // Described ratings throw an error of their own when their entries are read.
    const train = ratings as Ratings;
    return { type: 'finished', iterations, seconds, model, train, test, foldIn, leftOut };
  };
  const modelOf = (iteration: number): FactorModel => {
    // The phases after the next iteration overwrite this one's factors.
    if (latest !== iteration || isStopped) throw new StaleFactorsError(iteration);
    return finished?.model ?? readModel(job, iteration, titles);
  };
  const finishAt = (iteration: number): FinishedEvent =>
    (latest === iteration && finished) || describeEnd(iteration, modelOf(iteration));
  const sample =
    heldOut !== undefined && options.feedback === 'implicit' && control.validationUsers > 0
      ? rankSample(
          { train: ratings as Ratings, test: heldOut },
          { count: control.validationUsers, seed: options.seed, rank: options.rank },
        )
      : undefined;
  const withModel = (report: IterationReport): IterationEvent => {
    const { iteration, validation } = report;
    return {
      ...report,
      ...(validation && {
        validation: { ...validation, ...sample?.(factorsOf(job, iteration)) },
      }),
      model: () => modelOf(iteration),
      finish: () => finishAt(iteration),
      keep(name) {
        const end = finishAt(iteration);
        kept.set(name, keepModel(name, iteration, end.model));
        return end;
      },
    };
  };
  const resumedFrom = ({ history }: RestoredJob): ResumedFrom | undefined => {
    const iteration = history.length;
    if (iteration === 0) return undefined;
    return {
      iteration,
      history,
      finish: () => finishAt(iteration),
      kept(name) {
        const known = kept.get(name);
        if (known === undefined) return undefined;
        const globalMean = job.layout.weighting.offset;
        const run = { ratings: job.ratings, globalMean, settings: options, titles };
        return describeEnd(known.iteration, restoreKept(known, run));
      },
    };
  };
  const run = startRun(
    job,
    placement,
    {
      next(event) {
        switch (event.type) {
          case 'opened':
            latest = before.history.length;
            observer.next(describeStart(job, leftOut, placement, reason, resumedFrom(before)));
            for (const fault of before.faults) observer.next(fault);
            break;
          case 'iteration':
            latest = event.iteration;
            observer.next(withModel(event));
            break;
          case 'trained':
            finished = describeEnd(options.iterations, readModel(job, options.iterations, titles));
            break;
          default:
            observer.next(event);
        }
      },
      complete() {
        release();
        observer.next(finished!);
        observer.complete();
      },
      error(error) {
        isStopped = true;
        release();
        observer.error(error);
      },
    },
    {
      restored: restored.then((found) => {
        before = found;
        for (const model of found.kept) kept.set(model.name, model);
        return found.history;
      }),
      ...(checkpoints && { checkpoints }),
    },
  );
  return {
    ...run,
    stop() {
      isStopped = finished === undefined;
      release();
      return run.stop();
    },
  };
}

function describeStart(
  { layout, ratings, heldOut, options }: Job,
  leftOut: SplitLeftOut | undefined,
  placement: Placement,
  kernelReason: string,
  resumed: ResumedFrom | undefined,
): StartedEvent {
  return {
    type: 'started',
    users: ratings.byUser.rowCount,
    items: ratings.byItem.rowCount,
    ratings: entryCount(ratings.byUser),
    heldOut: heldOut === undefined ? 0 : entryCount(heldOut.byUser),
    leftOut: { seen: leftOut?.seen ?? 0 },
    duplicates: ratings.duplicates,
    ...ratings.provenance,
    feedback: options.feedback,
    rank: options.rank,
    iterations: options.iterations,
    solver: layout.solver,
    blocks: {
      user: layout.user.blockStarts.length - 1,
      item: layout.item.blockStarts.length - 1,
    },
    placement: placement.name,
    kernel: layout.kernel,
    kernelReason,
    resumed,
  };
}

/** Views of the factors of a generation. */
function factorsOf(job: Job, generation: number): PaddedFactors {
  return {
    userFactors: viewFactors(job, 'user', generation),
    itemFactors: viewFactors(job, 'item', generation),
    stride: job.layout.stride,
  };
}

function readModel(
  job: Job,
  generation: number,
  titles: ReadonlyMap<Id, string> | undefined,
): FactorModel {
  const { layout, options } = job;
  return createModel({
    rank: options.rank,
    biases: options.biases,
    globalMean: layout.weighting.offset,
    ...factorsOf(job, generation),
    ratings: job.ratings,
    settings: options,
    titles,
  });
}
