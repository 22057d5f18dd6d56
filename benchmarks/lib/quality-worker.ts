/** Child process of `time-to-quality`: trains once and prints what was reached, and when. */

import { readFileSync } from 'node:fs';
import { firstValueFrom, of } from 'rxjs';
import { type FactorModel, fromRatings, inProcess, paperSettings, threads, train } from 'seesaw';
import { readBuffer, readColumns } from './case-files.js';
import type { QualityResult, QualityTrial } from './quality-trial.js';

const trial: QualityTrial = JSON.parse(process.argv[2]!);
const ratings = await firstValueFrom(fromRatings(readColumns(trial)));
const withheld = readWithheld();
const sampled = sample([...withheld.keys()].sort((a, b) => a - b));
const { rank, solver, cgSteps, alpha, regularization, regularizationExponent, seed } = trial;
const { iterations, start } = trial;
const seconds: number[] = [];
const losses: number[] = [];
const ndcgs: number[] = [];
let since = 0;
let spent = 0;
await new Promise<void>((resolve, reject) => {
  of(ratings)
    .pipe(
      train({
        // The objective that the peers have.
        ...paperSettings,
        ...{ rank, solver, cgSteps, alpha, regularization, regularizationExponent, seed },
        ...{ iterations, ...(start && { start }) },
        placement: trial.threads === 0 ? inProcess() : threads(trial.threads),
      }),
    )
    .subscribe({
      next(event) {
        if (event.type === 'started') since = performance.now();
        if (event.type !== 'iteration') return;
        spent += (performance.now() - since) / 1000;
        seconds.push(spent);
        losses.push(event.loss.total);
        // The next phase begins when this returns.
        if (sampled.length > 0) ndcgs.push(ndcgOf(event.model()));
        since = performance.now();
      },
      error: reject,
      complete: resolve,
    });
});
const manifest = new URL('../../../package.json', import.meta.url);
const result: QualityResult = {
  library: 'seesaw',
  version: JSON.parse(readFileSync(manifest, 'utf8')).version,
  runtime: `Node ${process.versions.node}`,
  seconds,
  losses,
  ndcgs,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** Mean NDCG@20, without seen items, as in peers/quality.py. */
function ndcgOf(model: FactorModel): number {
  const gain = (place: number) => 1 / Math.log2(place + 2);
  let total = 0;
  for (const user of sampled) {
    const relevant = withheld.get(user)!;
    let found = 0;
    for (const [place, { itemId }] of model.recommend(user, { count: 20 }).entries()) {
      if (relevant.has(Number(itemId))) found += gain(place);
    }
    let best = 0;
    for (let place = 0; place < Math.min(20, relevant.size); place++) best += gain(place);
    total += found / best;
  }
  return total / sampled.length;
}

function readWithheld(): ReadonlyMap<number, ReadonlySet<number>> {
  const pairs = new Int32Array(readBuffer(trial.test));
  const count = pairs.length / 2;
  const byUser = new Map<number, Set<number>>();
  for (let at = 0; at < count; at++) {
    const items = byUser.get(pairs[at]!) ?? new Set<number>();
    byUser.set(pairs[at]!, items.add(pairs[count + at]!));
  }
  return byUser;
}

/** Evenly spread over the users. */
function sample(users: readonly number[]): readonly number[] {
  const count = Math.min(trial.testUsers, users.length);
  return Array.from({ length: count }, (_, i) => users[Math.floor((i * users.length) / count)]!);
}
