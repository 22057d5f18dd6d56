/**
 * How far are a plan and a simulation from what an iteration takes? Ranks and ratings are others than
 * those that the figures were fitted to. Server, supervisor and nodes share the cores of this machine.
 * Runs are short, so that each can have the machine to itself; the last command puts them together.
 *
 *     seesaw plan --calibrate --servers nats://127.0.0.1:4222 --figures figures.json
 *     node build/benchmarks/plan-errors.js --figures figures.json --json > points.ndjson
 *     node build/benchmarks/plan-errors.js --figures figures.json --json --ratings 6e6 --ranks 32,128 >> points.ndjson
 *     node build/benchmarks/plan-errors.js --figures figures.json --json --ratings 20e6 --ranks 64 >> points.ndjson
 *     node build/benchmarks/plan-errors.js --points points.ndjson
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
  simulateTraining,
  synthetic,
  threads,
  train,
} from 'seesaw';
import { watchDisturbance } from '../src/cli/calibration/undisturbed.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { type PrivateCluster, startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    /** Those of `seesaw plan --calibrate --figures`; default those of a development machine. */
    figures: { type: 'string' },
    ratings: { type: 'string', default: '1e6' },
    ranks: { type: 'string', default: '32,64,128,256' },
    solvers: { type: 'string', default: 'cg' },
    places: { type: 'string', default: 'inProcess:1,threads:1,threads:2,nodes:2,nodes:4' },
    /** After one to warm up. A run is repeated while others hold the machine up, as in a calibration. */
    iterations: { type: 'string', default: '5' },
    /** Print a line for each point. */
    json: { type: 'boolean', default: false },
    /** Put the points of such lines together, and measure nothing. */
    points: { type: 'string' },
  },
});

type Solver = 'cg' | 'cholesky' | 'subspace';

/** Seconds of an iteration that rewrites nothing. */
interface Point {
  readonly ratings: number;
  readonly place: string;
  readonly solver: Solver;
  readonly rank: number;
  readonly planned: number;
  readonly simulated: number;
  readonly measured: number;
}

const points =
  flags.points === undefined
    ? await measurePoints()
    : readFileSync(flags.points, 'utf8')
        .trim()
        .split('\n')
        .map((line): Point => JSON.parse(line));
if (!flags.json) {
  const heads = ['ratings', 'place', 'solver', 'rank', 'measured, s', 'planned', 'simulated'];
  const ratio = (part: number, whole: number) => (part / whole).toFixed(2);
  const rows = points.map(({ ratings, place, solver, rank, planned, simulated, measured }) => [
    ...[`${ratings / 1e6} M`, place, solver, `${rank}`, formatSeconds(measured)],
    ...[ratio(planned, measured), ratio(simulated, measured)],
  ]);
  const machine = machineLine(describeMachine(), [`Node ${process.versions.node}`]);
  process.stdout.write(
    `${markdownTable(heads, rows)}\n\n${errorLine('planned')}\n${errorLine('simulated')}\n${machine}\n`,
  );
}

function errorLine(name: 'planned' | 'simulated'): string {
  const errors = points.map((point) => Math.abs(point[name] / point.measured - 1));
  const p90 = errors.sort((a, b) => a - b)[Math.ceil(0.9 * errors.length) - 1]!;
  const percent = (error: number) => `${(100 * error).toFixed(0)} %`;
  return `${name}: median error ${percent(median(errors))}, 90th percentile ${percent(p90)}, ${errors.length} points`;
}

async function measurePoints(): Promise<Point[]> {
  const figures =
    flags.figures === undefined ? undefined : JSON.parse(readFileSync(flags.figures, 'utf8'));
  const count = Number(flags.ratings);
  const sizes = { users: Math.round(count / 166), items: Math.round(count / 270), count, seed: 5 };
  const ratings = await firstValueFrom(synthetic(sizes));
  const outline = shapeOfRatings(ratings);
  const undisturbed = watchDisturbance();
  const points: Point[] = [];
  for (const place of flags.places.split(',')) await measurePlace(place);
  return points;

  async function measurePlace(place: string): Promise<void> {
    const [kind, number] = place.split(':');
    const many = Number(number);
    const cluster = kind === 'nodes' ? await startCluster(many) : undefined;
    const machines = cluster
      ? { nodes: many, threads: 1, onOneMachine: true }
      : { threads: kind === 'threads' ? many : 0 };
    try {
      for (const solver of flags.solvers.split(',') as Solver[]) {
        for (const rank of flags.ranks.split(',').map(Number)) {
          const shape = { ...outline, rank, solver };
          const { seconds } = planTraining(shape, machines, figures);
          const { iterations } = simulateTraining(shape, machines, { iterations: 3, figures });
          const placement = placementOf(kind!, many, cluster);
          const point = {
            ...{ ratings: count, place, solver, rank },
            planned: seconds.iteration - seconds.rotate,
            // The first one rewrites both sides.
            simulated: median(iterations.slice(1)),
            measured: await undisturbed(() => measure({ rank, solver, placement })),
          };
          points.push(point);
          if (flags.json) process.stdout.write(`${JSON.stringify(point)}\n`);
        }
      }
    } finally {
      await cluster?.stop();
    }
  }

  async function measure(job: { rank: number; solver: Solver; placement: Placement }) {
    const seconds: number[] = [];
    const iterations = 1 + Number(flags.iterations);
    const settings = { alpha: 2, regularization: 1, balance: false, validationUsers: 0 };
    await lastValueFrom(
      of(ratings).pipe(
        train({ ...paperSettings, ...settings, ...job, iterations, kernel: 'wasm' }),
        tap((event) => {
          if (event.type === 'iteration' && event.iteration > 1) seconds.push(event.seconds);
        }),
      ),
    );
    return median(seconds);
  }
}

function placementOf(kind: string, many: number, cluster: PrivateCluster | undefined): Placement {
  if (cluster !== undefined) return nodes({ servers: cluster.servers, workers: many });
  return kind === 'threads' ? threads(many) : inProcess();
}
