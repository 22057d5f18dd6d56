import { fileURLToPath } from 'node:url';
import { runChild } from './run-child.js';
import type { SeesawSettings } from './seesaw-settings.js';
import type { SeesawTrialResult } from './seesaw-worker.js';
import type { Contender } from './trial.js';

/**
 * Seesaw in a process of its own.
 *
 * @param node the Node to run it with, by default the one that runs this
 */
export function seesawContender(
  settings: SeesawSettings = {},
  node: string = process.execPath,
): Contender<SeesawTrialResult> {
  const script = fileURLToPath(new URL('./seesaw-worker.js', import.meta.url));
  return {
    name: 'seesaw',
    // Collecting what was read from files keeps it out of the peak of training.
    run: (trial) =>
      runChild(node, ['--expose-gc', script, JSON.stringify({ ...settings, ...trial })]),
  };
}
