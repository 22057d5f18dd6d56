import type { ResolvedJobOptions } from '../training/options.js';
import type { TrainingSettings } from '../training/training-settings.js';

/**
 * The training settings that a model keeps: what a new row's factors depend on, and its origin. Not where
 * its factors started, so that training goes on from the model with all of them.
 */
export type ModelSettings = Omit<
  ResolvedJobOptions,
  'initialFactors' | 'start' | 'blocks' | 'kernel'
>;

/** The settings of a job that belong to its model. */
export function modelSettingsOf({
  row,
  solver,
  loss,
  start,
  schedule,
}: TrainingSettings): ModelSettings {
  return modelSettings({ ...row, ...solver, ...loss, ...start, ...schedule });
}

/** The part of the options that belongs to the model; plain JSON. */
export function modelSettings(options: ModelSettings): ModelSettings {
  return {
    feedback: options.feedback,
    rank: options.rank,
    iterations: options.iterations,
    regularization: options.regularization,
    regularizationExponent: options.regularizationExponent,
    alpha: options.alpha,
    unobservedWeight: options.unobservedWeight,
    objective: options.objective,
    biases: options.biases,
    globalMean: options.globalMean,
    nonnegative: options.nonnegative,
    solver: options.solver,
    cgSteps: options.cgSteps,
    overrelaxation: options.overrelaxation,
    subspaceSize: options.subspaceSize,
    balance: options.balance,
    seed: options.seed,
    initialScale: options.initialScale,
  };
}
