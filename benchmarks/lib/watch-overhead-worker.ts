/**
 * Child process of `measureWatching`: trains on the same ratings again and again, each time in
 * another variant, and prints the seconds of an iteration.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concatMap, defer, firstValueFrom } from 'rxjs';
import { fromFile, fromRatings, paperSettings, threads, train, watch } from 'seesaw';
import { readColumns } from './case-files.js';
import { objective } from './cases.js';
import { rotationOf } from './measure.js';
import {
  type WatchOrder,
  type WatchSeconds,
  type WatchVariant,
  watchVariants,
} from './watch-overhead.js';

const order: WatchOrder = JSON.parse(process.argv[2]!);
const ratings = await firstValueFrom(
  typeof order.ratings === 'string'
    ? fromFile(order.ratings)
    : fromRatings(readColumns(order.ratings)),
);
const folder = mkdtempSync(join(tmpdir(), 'seesaw-watch-overhead-'));
const script = fileURLToPath(new URL('./page-reader.js', import.meta.url));
const reader = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
const perVariant = () =>
  Object.fromEntries(watchVariants.map((variant) => [variant, []])) as unknown as Record<
    WatchVariant,
    number[]
  >;
const seconds = perVariant();
const mainSeconds = perVariant();
const losses = new Set<number>();
let kernel = '';
// The round before the first compiles.
for (let round = -1; round < order.rounds; round++) {
  for (const variant of rotationOf(watchVariants, round)) {
    globalThis.gc?.();
    const found = await run(variant);
    losses.add(found.loss);
    if (round < 0) continue;
    seconds[variant].push(found.seconds);
    mainSeconds[variant].push(found.mainSeconds);
  }
}
reader.stdin.end();
rmSync(folder, { recursive: true, force: true });
const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const result: WatchSeconds = {
  seconds,
  mainSeconds,
  losses: [...losses],
  version: `seesaw ${version} on Node ${process.versions.node} with ${kernel}`,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
reader.kill();

interface RunSeconds {
  readonly seconds: number;
  readonly mainSeconds: number;
  readonly loss: number;
}

/** The mean of all iterations but the first, so that what is written from time to time counts. */
async function run(variant: WatchVariant): Promise<RunSeconds> {
  const isWatched = variant.startsWith('watched');
  let letGo = (): void => {};
  const ready = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { alpha, regularization, regularizationExponent, cgSteps, seed } = objective;
  const { rank, iterations, solver } = order;
  const events$ = defer(() => ready).pipe(
    concatMap(() => [ratings]),
    train({
      ...paperSettings,
      ...{ alpha, regularization, regularizationExponent, cgSteps, seed },
      ...{ rank, iterations, solver, placement: threads(order.threads) },
    }),
  );
  const watched$ = isWatched
    ? events$.pipe(watch({ port: 0, model: join(folder, 'model') }))
    : events$;
  if (!isWatched) letGo();
  return new Promise((resolve, reject) => {
    let [first, last, loss] = [0, 0, Number.NaN];
    let cpu = 0;
    watched$.subscribe({
      next(event) {
        if (event.type === 'watching') {
          if (variant === 'watched by a page') {
            void once(reader.stdout, 'data').then(letGo);
            reader.stdin.write(`${event.url}\n`);
          } else letGo();
        }
        if (event.type === 'started') kernel = event.kernel;
        if (event.type !== 'iteration') return;
        last = performance.now();
        if (first === 0) {
          first = last;
          cpu = mainThreadSeconds();
        }
        loss = event.loss.total;
      },
      error: reject,
      complete() {
        const counted = order.iterations - 1;
        resolve({
          seconds: (last - first) / 1000 / counted,
          mainSeconds: (mainThreadSeconds() - cpu) / counted,
          loss,
        });
      },
    });
  });
}

/** Time of this thread on the processor; NaN where the system does not tell. */
function mainThreadSeconds(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e9;
  } catch {
    return Number.NaN;
  }
}
