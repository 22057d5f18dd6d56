import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RetrainError } from '../service-errors.js';
import type { RetrainReport, RetrainTask } from './retrain-task.js';

const program = fileURLToPath(new URL('./retrain-program.js', import.meta.url));

/**
 * Trains a model again in a process of its own and saves it at its path. Rejects with
 * `RetrainError`.
 *
 * @param signal kills the training
 */
export function retrain(
  task: RetrainTask,
  signal: AbortSignal,
): Promise<Extract<RetrainReport, { type: 'trained' }>> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(task)], {
      ...{ stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [], signal },
      killSignal: 'SIGTERM',
    });
    let ended: RetrainReport | undefined;
    let said = '';
    child.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-2_000);
    });
    child.on('message', (message) => {
      // The program is ours and sends nothing else.
      ended = message as RetrainReport;
    });
    child.on('error', (cause) => reject(new RetrainError(cause.message, { cause })));
    child.on('close', (status, killed) => {
      if (ended?.type === 'trained') return resolve(ended);
      const how = killed === null ? `status ${status}` : killed;
      const why = ended?.message ?? `found that it ended with ${how}; ${said.trim()}`;
      reject(new RetrainError(why));
    });
  });
}
