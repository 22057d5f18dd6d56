import type {
  FinishedEvent,
  IterationEvent,
  StartedEvent,
} from '../../../dataflow/training/training-event.js';
import { randomRatings } from './jobs.js';
import { smallModel } from './models.js';

const model = smallModel();
const train = randomRatings({ users: 3, items: 4, density: 1 });

/** An iteration as training would report it, of which only the figures given matter. */
export function iterationEvent(
  iteration: number,
  { loss = 1, validation }: { readonly loss?: number; readonly validation?: number } = {},
): IterationEvent {
  const errors = { rmse: 1, mae: 1, preferenceRmse: 1 };
  return {
    type: 'iteration',
    iteration,
    ...errors,
    loss: { observed: loss, unobserved: 0, regularization: 0, total: loss },
    ...(validation !== undefined && { validation: { ...errors, rmse: validation } }),
    seconds: 1,
    broadcastBytes: 0,
    model: () => model,
    finish: () => finishedEvent(iteration),
    keep: () => finishedEvent(iteration),
  };
}

/** The end of a run after so many iterations. */
export function finishedEvent(iterations: number): FinishedEvent {
  return { type: 'finished', iterations, seconds: 1, model, train, test: undefined };
}

/** The beginning of a run, which goes on after `history` if there is one. */
export function startedEvent(
  history: readonly IterationEvent[] = [],
  keptIteration?: number,
): StartedEvent {
  return {
    type: 'started',
    users: 3,
    items: 4,
    ratings: 12,
    heldOut: 0,
    leftOut: { seen: 0 },
    duplicates: { policy: 'error', count: 0 },
    feedback: 'implicit',
    rank: 2,
    iterations: 9,
    solver: 'cg',
    settings: model.settings,
    settingsReason: 'all of it is given',
    blocks: { user: 1, item: 1 },
    placement: 'in-process',
    kernel: 'reference',
    kernelReason: 'asked for',
    resumed:
      history.length > 0
        ? {
            iteration: history.length,
            history,
            finish: () => finishedEvent(history.length),
            kept: () => (keptIteration === undefined ? undefined : finishedEvent(keptIteration)),
          }
        : undefined,
  };
}
