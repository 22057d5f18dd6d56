import type { OperatorFunction } from 'rxjs';
import type { TrainingEvent } from '../../dataflow/training/training-event.js';
import { untilConverged } from '../../dataflow/training/until-converged.js';
import { untilNoImprovement } from '../../dataflow/training/until-no-improvement.js';

/** Iterations in a row that may pass without gain. */
const patience = 3;

/** Share of the best figure that counts as gain: a fifth of a percent. */
const minGain = 0.002;

/** Share by which the loss must fall where nothing is withheld. */
const tolerance = 0.002;

/** When a training ends whose number of iterations is not given. */
export interface StopRule {
  readonly stage: OperatorFunction<TrainingEvent, TrainingEvent>;
  /** Why it has ended before its last iteration, for people. */
  readonly reason: string;
}

/** By lists or predicted ratings on what is withheld, else by the loss. */
export function stopRule(feedback: 'implicit' | 'explicit', hasWithheld: boolean): StopRule {
  if (!hasWithheld) {
    const reason = `the loss fell by less than ${100 * tolerance} %`;
    return { stage: untilConverged<TrainingEvent>(tolerance), reason };
  }
  const isExplicit = feedback === 'explicit';
  return {
    stage: untilNoImprovement<TrainingEvent>({
      metric: isExplicit ? 'rmse' : 'ndcg@20',
      patience,
      minGain,
    }),
    reason: `${isExplicit ? 'RMSE' : 'NDCG@20'} on withheld ratings gained less than ${100 * minGain} % in ${patience} more`,
  };
}
