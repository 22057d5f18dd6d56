/**
 * How good are the settings that are chosen from the ratings, beside the best of a grid?
 *
 *     node build/benchmarks/defaults.js --quick
 *     node build/benchmarks/defaults.js --data ../shared/data --ranks 16,64,256 --json
 *
 * NDCG@20 on withheld ratings. The best of the grid is found on the same ratings, so it is flattered.
 */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of } from 'rxjs';
import {
  evaluateRanking,
  type FractionHoldout,
  holdout,
  inProcess,
  type JobOptions,
  type LastHoldout,
  paperSettings,
  type RatingsSplit,
  train,
} from 'seesaw';
import { describeMachine, machineLine } from './lib/machine.js';
import { markdownTable } from './lib/markdown.js';
import { ratingSets } from './lib/rating-sets.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    sets: { type: 'string' },
    ranks: { type: 'string', default: '64' },
    seed: { type: 'string', default: '31' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const iterations = flags.quick ? 5 : 15;

/** λ by the weight of all cells, and the paper's loss with counts brought to their mean. */
function gridFor(mean: number): JobOptions[] {
  const ials = (flags.quick ? [0.1] : [0.01, 0.03, 0.1, 0.3, 1]).flatMap((unobservedWeight) =>
    (flags.quick ? [0.01] : [0.002, 0.005, 0.01, 0.02]).map(
      (regularization): JobOptions => ({
        ...{ objective: 'ials', alpha: 0, unobservedWeight },
        ...{ regularization, regularizationExponent: 1 },
      }),
    ),
  );
  const confidence = (flags.quick ? [4] : [4, 40]).flatMap((weight) =>
    (flags.quick ? [40] : [40, 160]).map((regularization) => ({
      ...{ ...paperSettings, alpha: weight / mean, regularization },
    })),
  );
  return [...ials, ...confidence];
}

const rows: string[][] = [];
const machine = describeMachine();
const wanted = flags.sets?.split(',');
for (const { name, hasTimes, ratings$ } of ratingSets(resolve(flags.data))) {
  if (wanted ? !wanted.includes(name) : flags.quick && name !== 'visits') continue;
  const ratings = await firstValueFrom(ratings$);
  const random: FractionHoldout = { fraction: 0.2, seed: Number(flags.seed) };
  const last: LastHoldout = { last: 5 };
  for (const held of hasTimes && !flags.quick ? [random, last] : [random]) {
    const split = await firstValueFrom(of(ratings).pipe(holdout(held)));
    for (const rank of flags.ranks.split(',').map(Number)) {
      const split$ = held === last ? 'last 5' : '20 %';
      await compare(name, split$, split, rank);
    }
  }
}

async function compare(
  set: string,
  held: string,
  split: RatingsSplit,
  rank: number,
): Promise<void> {
  const { ratings } = split.train.byUser;
  const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
  const auto = await qualityOf(split, { rank });
  const paper = await qualityOf(split, { ...paperSettings, rank });
  let best = auto;
  for (const options of gridFor(mean)) {
    const tried = await qualityOf(split, { ...options, rank });
    if (tried.ndcg > best.ndcg) best = tried;
  }
  const result = { set, held, rank, auto, paper, best, ratio: auto.ndcg / best.ndcg };
  process.stderr.write(`${set}, ${held}, rank ${rank}: ${result.ratio.toFixed(3)}\n`);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ benchmark: 'defaults', ...result, machine })}\n`);
  }
  rows.push([
    ...[set, held, `${rank}`, auto.settings, auto.ndcg.toFixed(3), paper.ndcg.toFixed(3)],
    ...[best.ndcg.toFixed(3), best.settings, result.ratio.toFixed(3)],
  ]);
}

async function qualityOf(split: RatingsSplit, options: JobOptions) {
  const more = { iterations, kernel: 'wasm', placement: inProcess(), validationUsers: 0 } as const;
  const end = await lastValueFrom(of(split).pipe(train({ ...options, ...more })));
  if (end.type !== 'finished') throw new Error(`training ended with ${end.type}`);
  const { settings } = end.model;
  const report = await evaluateRanking(end.model, split, { k: 20 });
  const ofAlpha = settings.alpha === 0 ? '' : `, alpha ${Number(settings.alpha.toPrecision(3))}`;
  const weights = `α₀ ${settings.unobservedWeight}, λ ${settings.regularization}${ofAlpha}`;
  return { ndcg: report['ndcg@20'], settings: `${settings.objective}, ${weights}` };
}

if (!flags.json) {
  const heads = ['ratings', 'withheld', 'rank', 'chosen', 'NDCG@20'];
  const more = ["the paper's", 'best of the grid', 'its settings', 'chosen / best'];
  const versions = [`Node ${process.versions.node}`];
  process.stdout.write(
    `${markdownTable([...heads, ...more], rows)}\n\n${machineLine(machine, versions)}\n`,
  );
}
