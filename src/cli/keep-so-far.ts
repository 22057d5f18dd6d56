import { setTimeout as wait } from 'node:timers/promises';
import { Interruption } from './exit-status.js';
import type { Progress } from './progress-view.js';

/** Two ways to end a training early. At most one of the signals is aborted. */
export interface EarlyEnd {
  /** The run ends with the model of its last iteration. */
  readonly kept: AbortSignal;
  /** The run ends with nothing, with the `Interruption` as reason. */
  readonly dropped: AbortSignal;
}

/**
 * Handles a request to stop during training: the model so far is kept, unless there is none yet, or
 * the reader of stdout is gone.
 */
export function keepSoFar(stopped: AbortSignal, hasModel: () => boolean): EarlyEnd {
  const [kept, dropped] = [new AbortController(), new AbortController()];
  const decide = () => {
    const { reason } = stopped;
    const keeps = hasModel() && !(reason instanceof Interruption && reason.signal === 'SIGPIPE');
    (keeps ? kept : dropped).abort(reason);
  };
  if (stopped.aborted) decide();
  else stopped.addEventListener('abort', decide, { once: true });
  return { kept: kept.signal, dropped: dropped.signal };
}

const secondsToDrop = 2;

/** After Ctrl-C on a terminal, gives people time for the second one, which ends the process. */
export async function timeToDrop(
  kept: AbortSignal,
  progress: Progress,
  modelPath: string,
): Promise<void> {
  const { reason } = kept;
  const isCtrlC = reason instanceof Interruption && reason.signal === 'SIGINT';
  if (!isCtrlC || !process.stderr.isTTY) return;
  progress.pause();
  process.stderr.write(
    `stopped; saves the model so far in ${modelPath} in ${secondsToDrop} s; Ctrl-C again drops it\n`,
  );
  await wait(secondsToDrop * 1000);
}
