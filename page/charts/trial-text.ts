import type { TrialState } from '../../src/watch/view/trial-board.js';
import { count, figure, optionsText } from '../format.js';

/** How far a trial is. */
export function stateText({ status, iterations, ofIterations, message }: TrialState): string {
  if (status === 'running') {
    return ofIterations === undefined
      ? 'begins'
      : `iteration ${count(iterations)} of ${count(ofIterations)}`;
  }
  if (status === 'stopped') return 'stopped';
  return status === 'failed' ? `failed: ${message}` : 'done';
}

/** `trial 8: NDCG@20 0.2498 · rank 32, alpha 10 · done` */
export function trialText(trial: TrialState, names: readonly string[], metric: string): string {
  const { options, score } = trial;
  return [
    `trial ${trial.trial}: ${metric} ${figure(score)}`,
    optionsText(options, names),
    stateText(trial),
  ].join(' · ');
}
