import type { Observer } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import type { IterationReport, RunObserver } from '../../actors/run-event.js';
import { StaleFactorsError } from '../../src/errors.js';
import type { KernelChoice } from '../../src/kernels/select/kernel-choice.js';
import { createModel } from '../../src/model/create-model.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import { keepModel, restoreKept } from '../../src/model/kept-model.js';
import { modelInFile } from '../../src/model/model-in-file.js';
import { modelSettingsOf } from '../../src/model/model-settings.js';
import type { PaddedFactors } from '../../src/model/ranking/changing-lists.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import { entryCount } from '../../src/ratings/sparse-rows.js';
import { factorSpans, layoutInFile } from '../../src/training/factor-spans.js';
import type { IterationMetrics, RankingSample } from '../../src/training/iteration-metrics.js';
import type { Job } from '../../src/training/job.js';
import type { KeptModel } from '../../src/training/snapshot.js';
import { endInFile } from './end-in-file.js';
import { newJob, type RestoredJob } from './keep-job.js';
import { rankSample } from './rank-sample.js';
import type {
  FinishedEvent,
  IterationEvent,
  ResumedFrom,
  StartedEvent,
  TrainingEvent,
} from './training-event.js';
import { type TrainingInput, validationOf } from './training-input.js';

/** A run whose events are mapped. */
export interface MappedRun {
  readonly job: Job;
  readonly input: TrainingInput;
  readonly placement: Placement;
  readonly choice: KernelChoice;
  /** When the run was asked for, by `performance.now()`. */
  readonly startMs: number;
  /** Called at the end of the run, before its observer is. */
  readonly onEnd: () => void;
}

/** Takes the events of a run and emits those of training, with models of the job's factors. */
export interface RunEventMapper extends RunObserver {
  /** To be called before `opened`, with what is done of the job. */
  goOnFrom(restored: RestoredJob): void;
  /** Models that the run may end with, for its checkpoints. */
  kept(): readonly KeptModel[];
  /** A history with the figures of lists, for its checkpoints. */
  withLists(history: readonly IterationMetrics[]): readonly IterationMetrics[];
  /** From here on, models of iterations that were not copied are refused. */
  stop(): void;
}

/** Maps the events of one run, in their order. */
export function mapRunEvents(
  { job, input, placement, choice, startMs, onEnd }: MappedRun,
  observer: Observer<TrainingEvent>,
): RunEventMapper {
  const { titles } = input;
  const { iterations } = job.settings.schedule;
  /** By the name of their keeper. */
  const kept = new Map<string, KeptModel>();
  const measureLists = listMeasure(input);
  let restored: RestoredJob = newJob;
  let latest = 0;
  let finished: FinishedEvent | undefined;
  /** An end whose model lies where the iteration after the next is written. */
  let lent: FinishedEvent | undefined;
  let isStopped = false;

  const describeEnd = (iterations: number): Omit<FinishedEvent, 'model'> => {
    const { test, foldIn, leftOut, seen } = input;
    const seconds = (performance.now() - startMs) / 1000;
    // Described ratings throw an error of their own when their entries are read.
    const train = input.ratings as Ratings;
    return { type: 'finished', iterations, seconds, train, test, foldIn, leftOut, seen };
  };
  const endAt = (iteration: number): FinishedEvent => {
    const layout = layoutInFile(job.layout);
    if (layout === undefined) {
      return { ...describeEnd(iteration), model: readModel(job, iteration, titles) };
    }
    lent = endInFile(describeEnd(iteration), {
      rowFile: layout.rowFile,
      load: () => readModel(job, iteration, titles),
      storable: () =>
        modelInFile({
          ...job.settings.row,
          ...{ layout, generation: iteration, ratings: job.ratings, titles },
          settings: modelSettingsOf(job.settings),
        }),
    });
    return lent;
  };
  /** Figures of lists by iteration. */
  const lists = new Map<number, RankingSample>();
  const withLists = <Metrics extends IterationMetrics>(metrics: Metrics): Metrics => {
    const measured = lists.get(metrics.iteration);
    const { validation } = metrics;
    return validation && measured
      ? { ...metrics, validation: { ...validation, ...measured } }
      : metrics;
  };
  const checkLatest = (iteration: number): void => {
    // The phases after the next iteration overwrite this one's factors.
    if (latest !== iteration || isStopped) throw new StaleFactorsError(iteration);
  };
  const modelOf = (iteration: number): FactorModel => {
    checkLatest(iteration);
    return finished?.model ?? readModel(job, iteration, titles);
  };
  const finishAt = (iteration: number): FinishedEvent => {
    if (latest === iteration && finished) return finished;
    checkLatest(iteration);
    return endAt(iteration);
  };
  const withModel = (report: IterationReport): IterationEvent => {
    const { iteration } = report;
    if (measureLists !== undefined) lists.set(iteration, measureLists(factorsOf(job, iteration)));
    return {
      ...withLists(report),
      model: () => modelOf(iteration),
      finish: () => finishAt(iteration),
      keep(name) {
        const end = finishAt(iteration);
        kept.set(name, keepModel(name, iteration, end.model));
        return end;
      },
    };
  };
  const resumedFrom = (): ResumedFrom | undefined => {
    const { history } = restored;
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
        const run = {
          ratings: job.ratings,
          globalMean,
          settings: modelSettingsOf(job.settings),
          titles,
        };
        return { ...describeEnd(known.iteration), model: restoreKept(known, run) };
      },
    };
  };
  return {
    goOnFrom(found) {
      restored = found;
      for (const model of found.kept) kept.set(model.name, model);
    },
    kept: () => [...kept.values()],
    next(event) {
      switch (event.type) {
        case 'opened':
          latest = restored.history.length;
          observer.next({
            ...describeStart(job, input, placement, choice),
            resumed: resumedFrom(),
          });
          for (const fault of restored.faults) observer.next(fault);
          break;
        case 'iteration':
          latest = event.iteration;
          // Reads it: the phases that come now write there.
          lent?.model;
          lent = undefined;
          observer.next(withModel(event));
          break;
        case 'trained':
          finished = endAt(iterations);
          break;
        default:
          observer.next(event);
      }
    },
    withLists: (history) => history.map(withLists),
    complete() {
      onEnd();
      observer.next(finished!);
      observer.complete();
    },
    error(error) {
      onEnd();
      isStopped = true;
      observer.error(error);
    },
    stop() {
      isStopped = finished === undefined;
    },
  };
}

/** Measures lists of a sample of users after every iteration; undefined without such a sample. */
function listMeasure(input: TrainingInput) {
  const { ratings, seen, settings, control } = input;
  const test = validationOf(input);
  if (
    test === undefined ||
    settings.loss.feedback !== 'implicit' ||
    control.validationUsers === 0
  ) {
    return undefined;
  }
  return rankSample(
    { train: seen ?? (ratings as Ratings), test },
    { count: control.validationUsers, seed: settings.start.seed, rank: settings.row.rank },
  );
}

function describeStart(
  { layout, ratings, heldOut, settings }: Job,
  { leftOut, settingsReason }: TrainingInput,
  placement: Placement,
  choice: KernelChoice,
): Omit<StartedEvent, 'resumed'> {
  return {
    type: 'started',
    users: ratings.byUser.rowCount,
    items: ratings.byItem.rowCount,
    ratings: entryCount(ratings.byUser),
    heldOut: heldOut === undefined ? 0 : entryCount(heldOut.byUser),
    leftOut: { seen: leftOut?.seen ?? 0 },
    duplicates: ratings.duplicates,
    ...ratings.provenance,
    feedback: settings.loss.feedback,
    rank: settings.row.rank,
    iterations: settings.schedule.iterations,
    solver: layout.solver,
    settings: modelSettingsOf(settings),
    settingsReason,
    blocks: {
      user: layout.user.blockStarts.length - 1,
      item: layout.item.blockStarts.length - 1,
    },
    placement: placement.name,
    kernel: layout.kernel,
    kernelReason: choice.reason,
  };
}

/** Views of the factors of a generation. */
function factorsOf(job: Job, generation: number): PaddedFactors {
  return {
    userFactors: factorSpans(job, 'user', generation),
    itemFactors: factorSpans(job, 'item', generation),
    stride: job.layout.stride,
  };
}

function readModel(job: Job, generation: number, titles: TrainingInput['titles']): FactorModel {
  const { layout, settings } = job;
  return createModel({
    ...settings.row,
    globalMean: layout.weighting.offset,
    ...factorsOf(job, generation),
    ratings: job.ratings,
    settings: modelSettingsOf(settings),
    titles,
  });
}
