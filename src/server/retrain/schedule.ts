import { Cron } from 'croner';
import { asError } from '../../../actors/as-error.js';
import { InvalidOptionError } from '../../errors.js';

/**
 * Calls `work` at the times of a cron expression, in the time zone of this machine; never again before
 * it has ended. Throws `InvalidOptionError`.
 */
export function schedule(
  expression: string,
  work: () => Promise<void>,
): { stop(): void; nextAt(): Date | undefined } {
  try {
    // It keeps no process alive.
    const job = new Cron(expression, { protect: true, unref: true, catch: true }, work);
    return { stop: () => job.stop(), nextAt: () => job.nextRun() ?? undefined };
  } catch (cause) {
    throw new InvalidOptionError(
      'retrain',
      `found retrain ${JSON.stringify(expression)} (${asError(cause).message}); expected a cron expression such as "0 3 * * *"`,
    );
  }
}
