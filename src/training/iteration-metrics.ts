/** Errors over observed cells. */
export interface ObservedErrors {
  /** Root mean squared error of the prediction against the raw rating. */
  readonly rmse: number;
  /** Mean absolute error of the prediction against the raw rating. */
  readonly mae: number;
  /** Root mean squared error of the prediction against the preference, 1 for a rating above 0. */
  readonly preferenceRmse: number;
}

/** How good the lists of a sample of users are. */
export interface RankingSample {
  readonly 'ndcg@20': number;
  readonly 'recall@20': number;
  /** Users of the sample. */
  readonly users: number;
}

/** Figures on withheld ratings; those of lists with implicit feedback only. */
export interface Validation extends ObservedErrors, Partial<RankingSample> {}

/** The objective over every cell, in parts that add up to `total`. */
export interface Loss {
  readonly observed: number;
  readonly unobserved: number;
  readonly regularization: number;
  readonly total: number;
}

/** What one iteration reached. */
export interface IterationMetrics extends ObservedErrors {
  readonly iteration: number;
  readonly loss: Loss;
  /** Errors on withheld ratings, when there are any. */
  readonly validation?: Validation;
}
