import { setImmediate } from 'node:timers/promises';
import { StoppedError } from '../errors.js';

/** Work that other things may be done in between. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does all of it at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Does it in turns of the event loop. Rejects with `StoppedError` before the next step once it is stopped,
 * for then what it works on may be gone.
 */
export async function inTurns<Result>(
  steps: Steps<Result>,
  isStopped: () => boolean,
): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
    if (isStopped()) throw new StoppedError();
  }
}
