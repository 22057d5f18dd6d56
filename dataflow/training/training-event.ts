import type {
  CheckpointReport,
  FaultReport,
  IterationReport,
  MovedReport,
  PhaseReport,
} from '../../actors/run-event.js';
import type { KernelName, Solver } from '../../src/kernels/kernel-names.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import type { ModelSettings } from '../../src/model/model-settings.js';
import type { DescribedRatings, DescribedSplit } from '../../src/ratings/described-ratings.js';
import type {
  ColumnsRead,
  DuplicatesPolicy,
  Ratings,
  RatingsSplit,
  SkippedRows,
  SplitLeftOut,
} from '../../src/ratings/ratings.js';
import type { IterationMetrics, Validation } from '../../src/training/iteration-metrics.js';

/**
 * The events of a training run, a closed union on `type`. In order: `started`, then for every
 * iteration two `phase` and one `iteration`, and `finished` last. In between: `checkpoint` when one
 * is on disk, `moved` when the job runs somewhere else from the next phase, `fault` where something
 * broke.
 */
export type TrainingEvent =
  | StartedEvent
  | PhaseReport
  | IterationEvent
  | MovedReport
  | CheckpointReport
  | FaultReport
  | FinishedEvent;

/**
 * The events of a run on `In`: with a split, or a source that may have one, any `TrainingEvent`;
 * with ratings alone the compiler knows that nothing is withheld.
 */
export type TrainingEventOf<In> = [In] extends [RatingsSplit | DescribedSplit]
  ? TrainingEvent
  : [In] extends [Ratings | DescribedRatings]
    ? UnsplitTrainingEvent
    : TrainingEvent;

/**
 * The events of a run on ratings without a split: a `TrainingEvent` wherever one is wanted, but
 * stages that measure on withheld ratings do not compile after it.
 */
export type UnsplitTrainingEvent = Exclude<TrainingEvent, FinishedEvent> | UnsplitFinishedEvent;

/** The end of a run on ratings without a split. */
export interface UnsplitFinishedEvent extends FinishedEvent {
  /** In the type only, for the compiler's message: never set. */
  readonly withheld?: 'nothing; try holdout(…) before train(…)';
}

/** `Event`, unless nothing is withheld: what stages that measure on withheld ratings take. */
export type Measurable<Event extends { readonly type: string }> = [Event] extends [MeasurableEvent]
  ? Event
  : MeasurableEvent;

/** What stages that end a run early make of its events: with nothing withheld, it stays so. */
export type EndedEarly<Event extends TrainingEvent> = [Event] extends [MeasurableEvent]
  ? TrainingEvent
  : UnsplitTrainingEvent;

/** Any event but the end of a run on ratings without a split. */
export interface MeasurableEvent {
  readonly type: string;
  /** In the type only: never set. */
  readonly withheld?: never;
}

/** Sizes, and what really runs. */
export interface StartedEvent {
  readonly type: 'started';
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Ratings withheld for validation; 0 without a split, and where whole users are withheld. */
  readonly heldOut: number;
  /** Withheld ratings that do not count, since training sees their pairs. */
  readonly leftOut: SplitLeftOut;
  readonly duplicates: { readonly policy: DuplicatesPolicy; readonly count: number };
  /** Which columns were read as what; undefined for ratings that are from neither files nor a query. */
  readonly columns?: ColumnsRead | undefined;
  /** Bad rows that were left out, where that was asked for. */
  readonly skippedRows?: SkippedRows | undefined;
  readonly feedback: 'implicit' | 'explicit';
  readonly rank: number;
  readonly iterations: number;
  readonly solver: Solver;
  /** All options that the model depends on, defaults filled in. */
  readonly settings: ModelSettings;
  /** Why the loss is what it is, in one sentence for people. */
  readonly settingsReason: string;
  readonly blocks: { readonly user: number; readonly item: number };
  readonly placement: string;
  readonly kernel: KernelName;
  /** Why it is that kernel, for people. */
  readonly kernelReason: string;
  /** What a checkpoint gave back; undefined for a run that begins anew. */
  readonly resumed: ResumedFrom | undefined;
}

/** Where a resumed run goes on. */
export interface ResumedFrom {
  /** Iterations that are done; the next one is one more. */
  readonly iteration: number;
  /** Their errors, in order, as their events had them, with the figures of lists where those were measured. */
  readonly history: readonly IterationMetrics[];
  /**
   * What the run would end with if it went no further: for operators that stop early. Copies the
   * model; call it while `started` is handled.
   */
  finish(): FinishedEvent;
  /**
   * What an iteration's `keep` last got under this name up to the checkpoint; undefined if it got
   * nothing.
   */
  kept(name: string): FinishedEvent | undefined;
}

/** Both sides are solved once more: errors, loss, and the model as of now. */
export interface IterationEvent extends IterationReport {
  /**
   * On withheld ratings: errors of the predictions, and with implicit feedback how good the lists of
   * a sample of users are. Undefined where nothing is withheld, and where whole users are.
   *
   * With implicit feedback a better model can have a higher `rmse`: it measures predictions of
   * preferences, 0 to 1, against ratings as they came. Look at `ndcg@20`, `preferenceRmse` and `loss`.
   */
  readonly validation?: Validation;
  /**
   * The model as of this iteration, copied when called. Call it while the event is handled: when
   * training has moved on and overwritten the factors, it throws `StaleFactorsError`.
   */
  model(): FactorModel;
  /**
   * What the run would end with if this iteration were its last: for operators that stop early.
   * Copies the model, as `model` does, or keeps the file in which its rows lie.
   */
  finish(): FinishedEvent;
  /**
   * `finish()`, and checkpoints from here on hold it until another is kept under the same name: so an
   * operator that ends with the model of an earlier iteration has it after a crash, too, from
   * `started.resumed.kept(name)`.
   */
  keep(name: string): FinishedEvent;
}

/** Training is done; the last event. */
export interface FinishedEvent {
  readonly type: 'finished';
  /** Iterations that the model has behind it. */
  readonly iterations: number;
  /** From the subscription to the last phase. */
  readonly seconds: number;
  /**
   * Where workers read the ratings, its rows lie in a file, and it is read into memory when it is first
   * asked for; `saveModel` writes it from there.
   */
  readonly model: FactorModel;
  /**
   * What was trained on, and what was withheld if anything was; `evaluate` reads them. Where workers
   * read the ratings, reading entries of `train` throws `MissingRatingsError`.
   */
  readonly train: Ratings;
  readonly test: Ratings | undefined;
  /** The known ratings of users who were withheld as a whole, if the split has them. */
  readonly foldIn?: Ratings | undefined;
  /** What the users of `test` rated in `train`, where `train` has no entries; see `DescribedSplit`. */
  readonly seen?: Ratings | undefined;
  /** Withheld ratings that are not in `test`, since training sees their pairs; undefined without any. */
  readonly leftOut?: SplitLeftOut | undefined;
}
