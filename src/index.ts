/* Sources and splits */

export { type CollectOptions, collect, type Extent } from '../dataflow/sources/collect.js';
export { fromFile } from '../dataflow/sources/from-file.js';
export { fromRatings } from '../dataflow/sources/from-ratings.js';
export { fromSql } from '../dataflow/sources/from-sql.js';
export { synthetic } from '../dataflow/sources/synthetic.js';
export { crossValidate } from '../dataflow/splits/cross-validate.js';
export { type HoldoutOf, holdout } from '../dataflow/splits/holdout.js';
export { withTest } from '../dataflow/splits/with-test.js';
export type { FileName } from './io/input-files.js';
export type { DescribeOptions, ReadOptions } from './io/read-options.js';
export type {
  DescribedRatings,
  DescribedSplit,
  EntriesByUser,
  RatingsDescription,
  RatingsSource,
  SourceContents,
} from './ratings/described-ratings.js';
export type { Duration } from './ratings/duration.js';
export type { RatingColumns } from './ratings/from-columns.js';
export type { RatingRow, RowOptions } from './ratings/from-rows.js';
export type { Id, IdVocabulary } from './ratings/id-vocabulary.js';
export type { Interaction } from './ratings/interaction-log.js';
export type {
  ColumnsRead,
  DuplicatesPolicy,
  Provenance,
  Ratings,
  RatingsOutline,
  RatingsSplit,
  RowNames,
  Side,
  SkippedRows,
  SplitLeftOut,
} from './ratings/ratings.js';
export type { RowLengths, SparseRows } from './ratings/sparse-rows.js';
export type {
  AfterHoldout,
  FractionHoldout,
  HoldoutOptions,
  LastHoldout,
  PerUserHoldout,
  UsersHoldout,
} from './ratings/split/holdout-options.js';
export type { SyntheticOptions } from './ratings/synthetic-ratings.js';

/* Training */

export type {
  BlockFault,
  CheckpointFault,
  CheckpointReport,
  FaultReport,
  IterationReport,
  KernelFault,
  MovedReport,
  NodeFault,
  PhaseBlock,
  PhaseReport,
  PlacementFault,
  ServerFault,
} from '../actors/run-event.js';
export { type EventsOptions, events } from '../dataflow/events.js';
export type { Stage } from '../dataflow/stage.js';
export { stopOn } from '../dataflow/training/stop-on.js';
export { type TrainingOptions, type TrainingSource, train } from '../dataflow/training/train.js';
export { type TrainModelOptions, trainModel } from '../dataflow/training/train-model.js';
export type {
  CheckpointControl,
  CheckpointOptions,
  RunControl,
  TrainingControl,
} from '../dataflow/training/training-control.js';
export type {
  EndedEarly,
  FinishedEvent,
  IterationEvent,
  Measurable,
  MeasurableEvent,
  ResumedFrom,
  StartedEvent,
  TrainingEvent,
  TrainingEventOf,
  UnsplitFinishedEvent,
  UnsplitTrainingEvent,
} from '../dataflow/training/training-event.js';
export { untilConverged } from '../dataflow/training/until-converged.js';
export {
  type NoImprovementOptions,
  untilNoImprovement,
  type ValidationMetric,
} from '../dataflow/training/until-no-improvement.js';
export type { WatchedEvent } from '../dataflow/watch/lines-of-events.js';
export { type WatchingEvent, type WatchOptions, watch } from '../dataflow/watch/watch.js';
export type { GpuTraffic } from './kernels/gpu-solver.js';
export type { GpuOptions, Objective } from './kernels/job-layout.js';
export type { CpuKernelName, GpuKernelName, KernelName, Solver } from './kernels/kernel-names.js';
export type {
  IterationMetrics,
  Loss,
  ObservedErrors,
  RankingSample,
  Validation,
} from './training/iteration-metrics.js';
export {
  type Auto,
  type GivenJobOptions,
  type InitialFactors,
  type JobOptions,
  type LossSettings,
  paperSettings,
  type ResolvedJobOptions,
  type Start,
} from './training/options.js';

/* Planning */

export type { DegreeCurve, RowStep } from '../actors/planning/degree-curve.js';
export type {
  ExpectedIterations,
  IterationsByRule,
} from '../actors/planning/expected-iterations.js';
export type {
  FittedSeconds,
  MachineFigures,
  MachineSpeed,
  MeasuredSpread,
  MessageHandler,
  RoadFigures,
} from '../actors/planning/machine-figures.js';
export {
  type ClusterShape,
  type Degrees,
  type ResolvedCluster,
  type ResolvedShape,
  shapeOfRatings,
  type TrainingShape,
} from '../actors/planning/plan-input.js';
export type { NodeMemory } from '../actors/planning/plan-memory.js';
export { planTraining } from '../actors/planning/plan-training.js';
export type { RowWay } from '../actors/planning/row-traffic.js';
export {
  type SimulatedEvent,
  type SimulatedTraining,
  simulateTraining,
} from '../actors/planning/simulation/simulate-training.js';
export type {
  LostNode,
  SimulationOptions,
  Straggler,
} from '../actors/planning/simulation/simulation-options.js';
export type {
  PlannedBytes,
  PlannedSeconds,
  TrainingPlan,
} from '../actors/planning/training-plan.js';
export type { TransferResource } from '../actors/planning/transfer-resources.js';
export type { RunningLengths } from './ratings/blocks.js';

/* Placements */

export type { BlockResult } from '../actors/placements/block-result.js';
export { inProcess } from '../actors/placements/in-process.js';
export { type NodesOptions, nodes } from '../actors/placements/nodes/nodes.js';
export type { RoutingMode } from '../actors/placements/nodes/rows/routing.js';
export type { NatsOptions } from '../actors/placements/nodes/transport/nats-options.js';
export { startWorker } from '../actors/placements/nodes/worker/start-worker.js';
export type { Worker } from '../actors/placements/nodes/worker/worker.js';
export type {
  WorkerEvent,
  WorkerOptions,
} from '../actors/placements/nodes/worker/worker-options.js';
export {
  type Broadcast,
  type ExecutorFault,
  type JobExecutor,
  nothingSent,
  type Placement,
} from '../actors/placements/placement.js';
export { openSolver, rankTask, solveTask } from '../actors/placements/solve-task.js';
export { threads } from '../actors/placements/threads/threads.js';
export type { JobLayout } from './kernels/job-layout.js';
export type { BlockSolver, BlockSums, BlockTask, ErrorSums } from './kernels/kernel.js';
export type { PartedLayout, PartedSide, PartLayout } from './kernels/parts/parted-layout.js';
export {
  openRanker,
  type Ranker,
  type RankingLayout,
  type RankingTask,
} from './kernels/wasm/ranking.js';
export type { RankingExecutor } from './model/ranking/ranking-executor.js';
export type { PhaseId } from './training/phases.js';

/* Evaluation and search */

export {
  type EvaluateOptions,
  type EvaluationEvent,
  evaluate,
  type RatingsEvaluation,
} from '../dataflow/evaluate.js';
export {
  type Distribution,
  integers,
  logUniform,
  uniform,
} from '../dataflow/search/distributions.js';
export {
  type GridOptions,
  type GridSearchSettings,
  gridSearch,
} from '../dataflow/search/grid-search.js';
export {
  type RandomOptions,
  type RandomSearchSettings,
  randomSearch,
} from '../dataflow/search/random-search.js';
export type {
  FailedTrial,
  Figures,
  SearchEvent,
  SearchFinishedEvent,
  SearchStartedEvent,
  TrialFailedEvent,
  TrialFinishedEvent,
  TrialOf,
  TrialProgressEvent,
  TrialResult,
  TrialStartedEvent,
} from '../dataflow/search/search-event.js';
export type {
  Chosen,
  DefaultTrialEvent,
  MetricOf,
  Searched,
  SearchSettings,
} from '../dataflow/search/search-trials.js';
export {
  evaluateRanking,
  type RankingOptions,
  type RankingReport,
} from './evaluation/evaluate-ranking.js';
export { globalMeanBaseline, itemMeans } from './evaluation/mean-ratings.js';
export type { ListMetric, MetricName, OfferedMetric } from './evaluation/metric-names.js';
export { mostPopular } from './evaluation/most-popular.js';
export {
  type Predictor,
  type RatingErrorOptions,
  type RatingErrors,
  ratingErrors,
} from './evaluation/rating-errors.js';
export { type ModelSplit, splitForModel } from './evaluation/split-for-model.js';
export { withFoldedUsers } from './evaluation/with-folded-users.js';

/* Models */

export { type RecommendAllStageOptions, recommendAll } from '../dataflow/recommend-all.js';
export { type SavedEvent, saveModel } from '../dataflow/save-model.js';
export type { ExportFormat } from './model/exchange/export-formats.js';
export {
  type ExportedModel,
  type ExportOptions,
  exportModel,
} from './model/exchange/export-model.js';
export type { ExportableModel } from './model/exchange/exported-side.js';
export type { Contribution, ExplainOptions, Explanation } from './model/explain.js';
export type { FactorModel } from './model/factor-model.js';
export type {
  FoldedItem,
  FoldedUser,
  FoldInOptions,
  ItemRating,
  UserRating,
} from './model/folded-row.js';
export type { ItemTitles } from './model/item-titles.js';
export type { ModelSettings } from './model/model-settings.js';
export type { PartialFitOptions } from './model/partial-fit.js';
export type { BuildIndexOptions, IndexOrigin } from './model/ranking/index-store.js';
export type { IndexList, IndexQuery, ItemIndex } from './model/ranking/item-index.js';
export type { ItemSet, Positions } from './model/ranking/item-set.js';
export type {
  GpuRankingOptions,
  RankingFault,
  RecommendAllOptions,
  Recommendation,
  Recommender,
  RecommendOptions,
  SimilarOptions,
  SimilarUser,
  UserRecommendations,
} from './model/recommender.js';
export type { SeenRatings } from './model/seen-ratings.js';
export { loadModel } from './model/store/load-model.js';

/* Serving */

export type { ItemDetails } from './server/catalogue.js';
export { createService } from './server/create-service.js';
export type { Service, ServiceClosing, ServiceListening } from './server/service-contract.js';
export type { ServiceEvent, SwapReason } from './server/service-event.js';
export type {
  ListenOptions,
  RetrainOptions,
  ServiceLimits,
  ServiceOptions,
} from './server/service-options.js';

/* Of RxJS */

export {
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  Observable,
  takeUntil,
  takeWhile,
  tap,
} from '../dataflow/rxjs.js';

/* Errors */

export {
  BlockFailedError,
  ConnectionError,
  InvalidMessageError,
  NodeLostError,
  NodeMemoryError,
} from '../actors/errors.js';
export type { SeesawErrorCode } from './error-codes.js';
export {
  CheckpointError,
  ColumnError,
  DeviceError,
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  KernelFaultError,
  KernelUnavailableError,
  MemoryLimitError,
  MemoryRefusedError,
  MetricMissingError,
  MissingRatingsError,
  ModelFileError,
  NumericalError,
  PlacementError,
  SearchFailedError,
  SeesawError,
  SingularSystemError,
  SourceError,
  StaleFactorsError,
  TooFewRatingsError,
  UnknownIdError,
  WatchError,
} from './errors.js';
export {
  InteractionLogError,
  ListenError,
  RetrainError,
  ServiceError,
} from './server/service-errors.js';
