/**
 * Child process of `measureWatching`: trains on the same ratings again and again, each time in
 * another variant, and prints the seconds of an iteration; then it replays the events of a run, and
 * prints what watching them takes of the processor.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatMap, defer, firstValueFrom } from 'rxjs';
import { fromFile, fromRatings, paperSettings, threads, train, watch } from 'seesaw';
import { readColumns } from './case-files.js';
import { objective } from './cases.js';
import { rotationOf } from './measure.js';
import { startPageReader } from './page-of-run.js';
import {
  replayVariants,
  type WatchOrder,
  type WatchSeconds,
  type WatchVariant,
  watchVariants,
} from './watch-overhead.js';
import { replay, type TimedEvent } from './watch-replay.js';

const order: WatchOrder = JSON.parse(process.argv[2]!);
const ratings = await firstValueFrom(
  typeof order.ratings === 'string'
    ? fromFile(order.ratings)
    : fromRatings(readColumns(order.ratings)),
);
const folder = mkdtempSync(join(tmpdir(), 'seesaw-watch-overhead-'));
const model = join(folder, 'model');
const reader = startPageReader();
const seconds = emptyLists(watchVariants);
const cpuSeconds = emptyLists(replayVariants);
const losses = new Set<number>();
let kernel = '';
let recorded: readonly TimedEvent[] = [];
// The round before the first compiles.
for (let round = -1; round < order.rounds; round++) {
  for (const variant of rotationOf(watchVariants, round)) {
    globalThis.gc?.();
    const found = await run(variant);
    losses.add(found.loss);
    if (round >= 0) seconds[variant].push(found.seconds);
    if (variant === 'plain') recorded = found.events;
  }
}
for (let round = -1; round < order.replays; round++) {
  for (const variant of rotationOf(replayVariants, round)) {
    globalThis.gc?.();
    const spent = await replay(recorded, variant, { reader, model });
    if (round >= 0) cpuSeconds[variant].push(spent);
  }
}
reader.close();
rmSync(folder, { recursive: true, force: true });
const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const result: WatchSeconds = {
  seconds,
  cpuSeconds,
  losses: [...losses],
  version: `seesaw ${version} on Node ${process.versions.node} with ${kernel}`,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

interface RunSeconds {
  readonly seconds: number;
  readonly loss: number;
  readonly events: readonly TimedEvent[];
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
  const watched$ = isWatched ? events$.pipe(watch({ port: 0, model })) : events$;
  if (!isWatched) letGo();
  return new Promise((resolve, reject) => {
    let [first, last, loss] = [0, 0, Number.NaN];
    const events: TimedEvent[] = [];
    watched$.subscribe({
      next(event) {
        if (event.type === 'watching') {
          void reader.read(event.url, variant).then(letGo, reject);
          return;
        }
        const ms = performance.now();
        if (event.type === 'started') kernel = event.kernel;
        if (event.type !== 'finished') events.push({ event, ms });
        if (event.type !== 'iteration') return;
        last = ms;
        if (first === 0) first = last;
        loss = event.loss.total;
      },
      error: reject,
      complete() {
        resolve({ seconds: (last - first) / 1000 / (order.iterations - 1), loss, events });
      },
    });
  });
}

function emptyLists<Variant extends string>(variants: readonly Variant[]) {
  return Object.fromEntries(variants.map((variant) => [variant, []])) as unknown as Record<
    Variant,
    number[]
  >;
}
