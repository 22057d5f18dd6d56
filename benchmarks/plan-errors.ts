/**
 * How far are a plan and a simulation from what an iteration takes? Ranks and ratings are others than
 * those that the figures were fitted to. Server, supervisor and nodes share the cores of this machine.
 * A fixed piece of work before and after each phase tells how fast the machine is then, so that errors are
 * told as measured, and as they would be had the machine stayed as fast as while it was calibrated.
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
import { defaultFigures } from '../actors/planning/default-figures.js';
import type { MachineFigures } from '../actors/planning/machine-figures.js';
import { SpeedProbe, speedBetween } from '../src/cli/calibration/machine-speed.js';
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
    /** After one to warm up. */
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
  /** As it would be had the machine been as fast as while it was calibrated. */
  readonly atUsualSpeed: number;
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
  const corrected = ['at the usual speed, s', 'planned', 'simulated'];
  const ratio = (part: number, whole: number) => (part / whole).toFixed(2);
  const rows = points.map(({ ratings, place, solver, rank, planned, simulated, ...seconds }) => {
    const { measured, atUsualSpeed } = seconds;
    return [
      ...[`${ratings / 1e6} M`, place, solver, `${rank}`, formatSeconds(measured)],
      ...[ratio(planned, measured), ratio(simulated, measured)],
      ...[
        formatSeconds(atUsualSpeed),
        ratio(planned, atUsualSpeed),
        ratio(simulated, atUsualSpeed),
      ],
    ];
  });
  const machine = machineLine(describeMachine(), [`Node ${process.versions.node}`]);
  process.stdout.write(
    `${markdownTable([...heads, ...corrected], rows)}\n\n${errorLines()}\n${machine}\n`,
  );
}

function errorLines(): string {
  return (['measured', 'atUsualSpeed'] as const)
    .flatMap((of) => (['planned', 'simulated'] as const).map((name) => errorLine(name, of)))
    .join('\n');
}

function errorLine(name: 'planned' | 'simulated', of: 'measured' | 'atUsualSpeed'): string {
  const errors = points.map((point) => Math.abs(point[name] / point[of] - 1));
  const p90 = errors.sort((a, b) => a - b)[Math.ceil(0.9 * errors.length) - 1]!;
  const percent = (error: number) => `${(100 * error).toFixed(0)} %`;
  return `${name} / ${of}: median error ${percent(median(errors))}, 90th percentile ${percent(p90)}, ${errors.length} points`;
}

async function measurePoints(): Promise<Point[]> {
  const figures: MachineFigures =
    flags.figures === undefined ? defaultFigures : JSON.parse(readFileSync(flags.figures, 'utf8'));
  const count = Number(flags.ratings);
  const sizes = { users: Math.round(count / 166), items: Math.round(count / 270), count, seed: 5 };
  const ratings = await firstValueFrom(synthetic(sizes));
  const outline = shapeOfRatings(ratings);
  const speed = await SpeedProbe.open();
  const points: Point[] = [];
  for (const place of flags.places.split(',')) await measurePlace(place);
  await speed.close();
  return points;

  async function measurePlace(place: string): Promise<void> {
    const [kind, number] = place.split(':');
    const many = Number(number);
    const cores = kind === 'nodes' || many > 1 ? 'together' : 'alone';
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
            ...(await measure({ rank, solver, placement }, cores)),
          };
          points.push(point);
          if (flags.json) process.stdout.write(`${JSON.stringify(point)}\n`);
        }
      }
    } finally {
      await cluster?.stop();
    }
  }

  async function measure(
    job: { rank: number; solver: Solver; placement: Placement },
    cores: keyof MachineFigures['speed'],
  ) {
    const [measured, pieces]: [number[], number[]] = [[], []];
    const iterations = 1 + Number(flags.iterations);
    const settings = { alpha: 2, regularization: 1, balance: false, validationUsers: 0 };
    let before = speed.probe();
    let piecesOfIteration = 0;
    await lastValueFrom(
      of(ratings).pipe(
        train({ ...paperSettings, ...settings, ...job, iterations, kernel: 'wasm' }),
        tap((event) => {
          if (event.type === 'phase') {
            const after = speed.probe();
            piecesOfIteration += event.seconds / speedBetween(before, after)[cores];
            before = after;
          }
          if (event.type !== 'iteration') return;
          if (event.iteration > 1) {
            measured.push(event.seconds);
            pieces.push(piecesOfIteration);
          }
          piecesOfIteration = 0;
        }),
      ),
    );
    return { measured: median(measured), atUsualSpeed: median(pieces) * figures.speed[cores] };
  }
}

function placementOf(kind: string, many: number, cluster: PrivateCluster | undefined): Placement {
  if (cluster !== undefined) return nodes({ servers: cluster.servers, workers: many });
  return kind === 'threads' ? threads(many) : inProcess();
}
