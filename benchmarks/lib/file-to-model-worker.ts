/** Child process of `file-to-model`: reads the file it is given, trains, and prints what it took. */

import { lastValueFrom, tap } from 'rxjs';
import { fromFile, paperSettings, threads, train } from 'seesaw';
import { packageVersion } from '../../src/version.js';
import type { FileOrder, FileResult } from '../file-to-model.js';
import { highestResidentBytes } from './peak-memory.js';

const order: FileOrder = JSON.parse(process.argv[2]!);
const { rank, solver, cgSteps, alpha, regularization, seed, iterations } = order;
const now = () => (Date.now() - order.startedMs) / 1000;
let readSeconds = Number.NaN;
let loss = Number.NaN;
const finished = await lastValueFrom(
  fromFile(order.file).pipe(
    train({
      ...paperSettings,
      ...{ rank, solver, cgSteps, alpha, regularization, seed, iterations },
      placement: threads(order.threads),
    }),
    tap((event) => {
      if (event.type === 'started') readSeconds = now();
      if (event.type === 'iteration') loss = event.loss.total;
    }),
  ),
);
if (finished.type !== 'finished') throw new Error(`ended with ${finished.type}`);
const result: FileResult = {
  versions: [`seesaw ${packageVersion} on Node ${process.versions.node}`],
  readSeconds,
  seconds: now(),
  peakBytes: highestResidentBytes(),
  ratings: finished.train.byUser.columns.length,
  users: finished.model.userIds.length,
  items: finished.model.itemIds.length,
  loss,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
