import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'seesaw-crash-'));
await run([directory], { killAtCheckpoint: true });
const resumed = await run([directory]);
rmSync(directory, { recursive: true });

const undisturbed = await run([]);
console.log('the same factors to the last bit:', resumed === undisturbed);

/** Runs a trainer in a process of its own, tells what it does, and returns its factors' hash. */
async function run(args: readonly string[], { killAtCheckpoint = false } = {}): Promise<unknown> {
  const trainer = fork(new URL('./trainer.js', import.meta.url), args);
  let checkpoints = 0;
  let factors: unknown;
  trainer.on('message', (said: string | { factors: string }) => {
    if (typeof said !== 'string') factors = said.factors;
    else if (said !== 'has written a checkpoint') console.log('trainer', said);
    else if (++checkpoints === 1) console.log('trainer', said);
    if (killAtCheckpoint && checkpoints === 1) trainer.kill('SIGKILL');
  });
  const [status, signal] = await once(trainer, 'close');
  console.log('trainer', signal === null ? `ends with status ${status}` : `killed by ${signal}`);
  console.log();
  return factors;
}
