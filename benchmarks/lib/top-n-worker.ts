/** Child process of `top-n`: ranks all items for all users and prints what it took. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, of } from 'rxjs';
import { fromRatings, inProcess, recommendAll, threads, type UserRecommendations } from 'seesaw';
import { FactorModel } from '../../src/model/factor-model.js';
import { modelSettings } from '../../src/model/model-settings.js';
import { seenRatings } from '../../src/model/seen-ratings.js';
import { paperSettings } from '../../src/training/options.js';
import { resolveJobOptions } from '../../src/training/resolve-options.js';
import { readColumns } from './case-files.js';
import { highestResidentBytes, restartPeak } from './peak-memory.js';
import type { TopNResult, TopNTrial } from './top-n-trial.js';

const trial: TopNTrial = JSON.parse(process.argv[2]!);
const { rank, count } = trial;
const ratings = await firstValueFrom(fromRatings(readColumns(trial)));
const seen = seenRatings(ratings);
const model = new FactorModel({
  rank,
  userFactors: readFactors('user'),
  itemFactors: readFactors('item'),
  users: ratings.users.ids,
  items: ratings.items.ids,
  seen: () => seen,
  settings: modelSettings(resolveJobOptions({ ...paperSettings, rank })),
});
globalThis.gc?.();
restartPeak();
const seconds: number[] = [];
let lists: UserRecommendations[] = [];
for (let pass = 0; pass < trial.passes; pass++) {
  lists = [];
  const startMs = performance.now();
  // One thread is the one at hand.
  const placement = trial.threads === 1 ? inProcess() : threads(trial.threads);
  await of(model)
    .pipe(recommendAll({ count, placement }))
    .forEach((list) => {
      lists.push(list);
    });
  seconds.push((performance.now() - startMs) / 1000);
}
const peakBytes = highestResidentBytes();
if (trial.listsTo !== undefined) writeLists(trial.listsTo);

const manifest = new URL('../../../package.json', import.meta.url);
const result: TopNResult = {
  library: 'seesaw',
  version: JSON.parse(readFileSync(manifest, 'utf8')).version,
  runtime: `Node ${process.versions.node}`,
  seconds,
  peakBytes,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

function readFactors(side: 'user' | 'item'): Float32Array {
  const bytes = readFileSync(join(trial.factors, `${side}.f32`));
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function writeLists(folder: string): void {
  const ids = new Int32Array(lists.length * count).fill(-1);
  const scores = new Float32Array(lists.length * count).fill(-1);
  for (const [user, { recommendations }] of lists.entries()) {
    for (const [at, { itemId, score }] of recommendations.entries()) {
      ids[user * count + at] = Number(itemId);
      scores[user * count + at] = score;
    }
  }
  writeFileSync(join(folder, 'ids.i32'), ids);
  writeFileSync(join(folder, 'scores.f32'), scores);
}
