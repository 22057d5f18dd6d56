import type { Trial } from './trial.js';

/** What can be varied in Seesaw alone. */
export interface SeesawSettings {
  readonly kernel?: 'auto' | 'reference' | 'wasm';
  /** `bare-loop` has neither actors nor a stream. Default `threads`. */
  readonly placement?: 'bare-loop' | 'in-process' | 'threads';
  /** Folder to write user.f32 and item.f32 to: the factors, rows in the order of the indices. */
  readonly factorsTo?: string;
}

/** The options of a trial that the model depends on. */
export function modelOptionsOf(trial: Trial) {
  const { rank, solver, cgSteps, alpha, seed, iterations } = trial;
  const { regularization, regularizationExponent } = trial;
  const model = { rank, alpha, seed, iterations, regularization, regularizationExponent };
  return { ...model, solver, cgSteps };
}
