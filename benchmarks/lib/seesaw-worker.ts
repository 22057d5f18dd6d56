import { modelOptionsOf, type SeesawSettings } from './seesaw-settings.js';
/** Child process of `seesawContender`: trains once and prints what it took. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, of } from 'rxjs';
import {
  fromRatings,
  inProcess,
  type KernelName,
  paperSettings,
  type Ratings,
  threads,
  train,
} from 'seesaw';
import { timeBareLoop } from './bare-loop.js';
import { readColumns } from './case-files.js';
import { highestResidentBytes, restartPeak } from './peak-memory.js';
import type { Trial, TrialResult } from './trial.js';

export interface SeesawTrialResult extends TrialResult {
  readonly kernel: KernelName;
  /** Of every iteration, time inside the kernel, summed over blocks; empty for `bare-loop`. */
  readonly kernelSeconds: readonly number[];
  /** After every iteration, over all cells. */
  readonly losses: readonly number[];
}

const trial: Trial & SeesawSettings = JSON.parse(process.argv[2]!);
const ratings = await firstValueFrom(fromRatings(readColumns(trial)));
// What the columns took is given back in the background, and is none of training's.
globalThis.gc?.();
await sleep(500);
restartPeak();
const run =
  trial.placement === 'bare-loop' ? timeBareLoop(ratings, trial) : await timeTrain(ratings);
const manifest = new URL('../../../package.json', import.meta.url);
const result: SeesawTrialResult = {
  library: 'seesaw',
  version: JSON.parse(readFileSync(manifest, 'utf8')).version,
  runtime: `Node ${process.versions.node}`,
  ...run,
  peakBytes: highestResidentBytes(),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** Trains as a user would, and takes the time between the events with this process's clock. */
function timeTrain(ratings: Ratings) {
  const events = of(ratings).pipe(
    train({
      ...paperSettings,
      ...modelOptionsOf(trial),
      kernel: trial.kernel ?? 'auto',
      placement: trial.placement === 'in-process' ? inProcess() : threads(trial.threads),
    }),
  );
  return new Promise<Omit<SeesawTrialResult, 'library' | 'version' | 'runtime' | 'peakBytes'>>(
    (resolve, reject) => {
      const seconds: number[] = [];
      const kernelSeconds: number[] = [];
      let kernel: KernelName = 'reference';
      const losses: number[] = [];
      let since = 0;
      let inKernel = 0;
      events.subscribe({
        next(event) {
          const now = performance.now();
          if (event.type === 'started') {
            kernel = event.kernel;
            since = now;
          } else if (event.type === 'phase') {
            for (const block of event.blocks) inKernel += block.seconds;
          } else if (event.type === 'iteration') {
            seconds.push((now - since) / 1000);
            kernelSeconds.push(inKernel);
            since = now;
            inKernel = 0;
            losses.push(event.loss.total);
          } else if (event.type === 'finished' && trial.factorsTo !== undefined) {
            writeFileSync(join(trial.factorsTo, 'user.f32'), event.model.userFactors);
            writeFileSync(join(trial.factorsTo, 'item.f32'), event.model.itemFactors);
          }
        },
        error: reject,
        complete: () =>
          resolve({ kernel, seconds, kernelSeconds, losses, loss: losses.at(-1) ?? Number.NaN }),
      });
    },
  );
}
