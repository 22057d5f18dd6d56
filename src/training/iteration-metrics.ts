/** Errors over observed cells. */
export interface ObservedErrors {
  /** Root mean squared error of the prediction against the raw rating. */
  readonly rmse: number;
  /** Mean absolute error of the prediction against the raw rating. */
  readonly mae: number;
  /** Root mean squared error of the prediction against the preference, 1 for a rating above 0. */
  readonly preferenceRmse: number;
}

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
  readonly validation?: ObservedErrors;
}
