/**
 * How far is a plan from what an iteration takes? Ranks and ratings are others than those that the
 * figures were fitted to. Server, supervisor and nodes share the cores of this machine.
 *
 *     seesaw plan --calibrate --figures figures.json
 *     node build/benchmarks/plan-errors.js --figures figures.json
 *     node build/benchmarks/plan-errors.js --ratings 20e6 --places threads:2,nodes:2 --ranks 64
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of, tap } from 'rxjs';
import {
  inProcess,
  nodes,
  type Placement,
  paperSettings,
  planTraining,
  shapeOfRatings,
  synthetic,
  threads,
  train,
} from 'seesaw';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    /** Those of `seesaw plan --calibrate --figures`; default those of a development machine. */
    figures: { type: 'string' },
    ratings: { type: 'string', default: '1e6' },
    ranks: { type: 'string', default: '32,64,128,256' },
    solvers: { type: 'string', default: 'cg' },
    places: { type: 'string', default: 'inProcess:1,threads:1,threads:2,nodes:2,nodes:4' },
    /** After one to warm up. */
    iterations: { type: 'string', default: '3' },
  },
});

const figures =
  flags.figures === undefined ? undefined : JSON.parse(readFileSync(flags.figures, 'utf8'));
const count = Number(flags.ratings);
const shape = { users: Math.round(count / 166), items: Math.round(count / 270), count, seed: 5 };
const ratings = await firstValueFrom(synthetic(shape));
const { degrees, ...sizes } = shapeOfRatings(ratings);
const rows: string[][] = [];
const errors: number[] = [];
for (const place of flags.places.split(',')) {
  const [kind, number] = place.split(':');
  const many = Number(number);
  const cluster = kind === 'nodes' ? await startCluster(many) : undefined;
  const placement = (): Placement => {
    if (cluster !== undefined) return nodes({ servers: cluster.servers, workers: many });
    return kind === 'threads' ? threads(many) : inProcess();
  };
  try {
    for (const solver of flags.solvers.split(',') as ('cg' | 'cholesky' | 'subspace')[]) {
      for (const rank of flags.ranks.split(',').map(Number)) {
        const machines = cluster
          ? { nodes: many, threads: 1, onOneMachine: true }
          : { threads: many };
        const { seconds } = planTraining({ ...sizes, degrees, rank, solver }, machines, figures);
        const planned = seconds.iteration - seconds.rotate;
        const measured = await measure(placement(), rank, solver);
        errors.push(Math.abs(planned / measured - 1));
        const ratio = (planned / measured).toFixed(2);
        rows.push([
          place,
          solver,
          `${rank}`,
          formatSeconds(planned),
          formatSeconds(measured),
          ratio,
        ]);
      }
    }
  } finally {
    await cluster?.stop();
  }
}

const sorted = errors.sort((a, b) => a - b);
const percent = (error: number) => `${(100 * error).toFixed(0)} %`;
const p90 = sorted[Math.min(sorted.length - 1, Math.ceil(0.9 * sorted.length) - 1)]!;
process.stdout.write(
  `${markdownTable(['place', 'solver', 'rank', 'planned, s', 'measured, s', 'ratio'], rows)}\n\n` +
    `error: median ${percent(median(errors))}, 90th percentile ${percent(p90)}, ${errors.length} points\n` +
    `${machineLine(describeMachine(), [`Node ${process.versions.node}`])}\n`,
);

async function measure(placement: Placement, rank: number, solver: 'cg' | 'cholesky' | 'subspace') {
  const seconds: number[] = [];
  const iterations = 1 + Number(flags.iterations);
  const settings = { alpha: 2, regularization: 1, balance: false, validationUsers: 0 };
  await lastValueFrom(
    of(ratings).pipe(
      train({ ...paperSettings, ...settings, rank, solver, iterations, placement, kernel: 'wasm' }),
      tap((event) => {
        if (event.type === 'iteration' && event.iteration > 1) seconds.push(event.seconds);
      }),
    ),
  );
  return median(seconds);
}
