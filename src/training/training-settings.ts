import type { JobOptions, LossSettings, ResolvedJobOptions } from './options.js';

/** What a row of factors is made of. */
export type RowSettings = Pick<ResolvedJobOptions, 'rank' | 'biases'>;

/** How a row is solved. */
export type SolverSettings = Pick<
  ResolvedJobOptions,
  'solver' | 'cgSteps' | 'overrelaxation' | 'subspaceSize' | 'nonnegative'
>;

/** What the loss is. */
export interface JobLossSettings extends LossSettings {
  readonly feedback: ResolvedJobOptions['feedback'];
  /** Whether the targets of explicit feedback are lowered by the mean rating μ. */
  readonly globalMean: boolean;
}

/** Where factors start. */
export type StartSettings = Pick<ResolvedJobOptions, 'seed' | 'initialScale' | 'nonnegative'> &
  Pick<JobOptions, 'initialFactors'>;

/** Which phases a job has. */
export type ScheduleSettings = Pick<ResolvedJobOptions, 'start' | 'iterations' | 'balance'>;

/**
 * The resolved options of a job by what they are for. This is where options end: whatever needs some of
 * them takes one of these groups.
 */
export interface TrainingSettings {
  readonly row: RowSettings;
  readonly solver: SolverSettings;
  readonly loss: JobLossSettings;
  readonly start: StartSettings;
  readonly schedule: ScheduleSettings;
  /** Blocks a side; undefined for as many as the work is worth. */
  readonly blocks: number | undefined;
  /** The kernel that is wanted. */
  readonly kernel: ResolvedJobOptions['kernel'];
}

/** Sorts resolved options by what they are for. */
export function trainingSettings(resolved: ResolvedJobOptions): TrainingSettings {
  const { rank, biases, solver, cgSteps, overrelaxation, subspaceSize, nonnegative } = resolved;
  const { objective, alpha, unobservedWeight, regularization, regularizationExponent } = resolved;
  const { feedback, globalMean, start, seed, initialScale, initialFactors } = resolved;
  const { iterations, balance, blocks, kernel } = resolved;
  return {
    row: { rank, biases },
    solver: { solver, cgSteps, overrelaxation, subspaceSize, nonnegative },
    loss: {
      ...{ feedback, globalMean, regularization, regularizationExponent },
      ...{ alpha, unobservedWeight, objective },
    },
    start: { seed, initialScale, nonnegative, ...(initialFactors && { initialFactors }) },
    schedule: { start, iterations, balance },
    blocks,
    kernel,
  };
}
