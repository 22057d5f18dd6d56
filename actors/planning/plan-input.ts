import {
  aCount,
  checkOptions,
  integer,
  numberAbove,
  oneOf,
  type Rules,
} from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { Solver } from '../../src/kernels/kernel-names.js';
import type { RatingsOutline } from '../../src/ratings/ratings.js';
import type { RowLengths } from '../../src/ratings/sparse-rows.js';
import { defaultJobOptions, type Start } from '../../src/training/options.js';
import { jobRules, maxRankOfWhole } from '../../src/training/resolve-options.js';
import { curveOfRows, DegreeCurve } from './degree-curve.js';
import { expectedIterations, usualStart } from './expected-iterations.js';
import type { MachineFigures } from './machine-figures.js';
import { itemCurve, userCurve } from './usual-degrees.js';

/** A job in numbers, as `planTraining` takes it. */
export interface TrainingShape {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Default 64. */
  readonly rank?: number | undefined;
  /** Default as many as a training is expected to take that stops by itself (`expectedIterations`). */
  readonly iterations?: number | undefined;
  /** Default cg. */
  readonly solver?: Solver | undefined;
  /** Where factors start. Default that of `train`: `random` with cholesky, else `sketch`. */
  readonly start?: Start | undefined;
  /** Default 2. */
  readonly cgSteps?: number | undefined;
  /** Default 32. */
  readonly subspaceSize?: number | undefined;
  /**
   * Blocks a side. Default what `train` takes on one machine, and on nodes at least one for every
   * thread up to 256, the most that a job may have. A plan takes more, to show what that would gain.
   */
  readonly blocks?: number | undefined;
  /** Ratings of the most popular item. Default as in `synthetic`. */
  readonly longestItemRow?: number | undefined;
  /** Ratings whose numbers of ratings a row are taken instead of usual ones; see `shapeOfRatings`. */
  readonly degrees?: Degrees | undefined;
}

/** How long the rows of both sides are. */
export interface Degrees {
  readonly user: DegreeCurve;
  readonly item: DegreeCurve;
}

/** Machines in numbers, as `planTraining` takes them. */
export interface ClusterShape {
  /** Nodes with workers; with 1 the job runs on this machine, without a server. Default 1. */
  readonly nodes?: number | undefined;
  /**
   * Threads that solve on each of them; 0 on one machine if the process solves itself, as with
   * `inProcess()`. Default the cores of the machine that was measured.
   */
  readonly threads?: number | undefined;
  /** Of each network card, both ways at the same time. Default 25 Gbit/s. */
  readonly networkBitsPerSecond?: number | undefined;
  /** Of each node. Default 64 GB. */
  readonly memoryBytes?: number | undefined;
  /** As in `nodes()`. Default auto. */
  readonly routing?: 'auto' | 'broadcast' | 'routed' | undefined;
  /**
   * How rows travel: through the NATS server, as they do, or straight from node to node, which is not
   * built. Default server.
   */
  readonly road?: 'server' | 'direct' | undefined;
  /** Whether nodes, server and supervisor share one machine, to try things out. Default false. */
  readonly onOneMachine?: boolean | undefined;
}

/** A shape with every default. */
export interface ResolvedShape {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  readonly rank: number;
  readonly iterations: number;
  readonly solver: Solver;
  readonly start: Start;
  readonly cgSteps: number;
  readonly subspaceSize: number;
  readonly blocks: number | undefined;
  readonly degrees: Degrees;
}

/** A cluster with every default. */
export type ResolvedCluster = Readonly<
  Required<{ [K in keyof ClusterShape]: NonNullable<ClusterShape[K]> }> & {
    /** Whether the process solves itself; `threads` is 1 then. */
    inProcess: boolean;
  }
>;

const shapeRules: Rules<keyof TrainingShape> = {
  users: integer(2, 1e12),
  items: integer(2, 1e12),
  ratings: integer(1, 1e15),
  rank: jobRules.rank,
  iterations: jobRules.iterations,
  solver: jobRules.solver,
  start: jobRules.start,
  cgSteps: jobRules.cgSteps,
  subspaceSize: jobRules.subspaceSize,
  blocks: integer(1, 1_000_000),
  longestItemRow: aCount,
  degrees: {
    expected: 'what shapeOfRatings returns',
    accepts: (value) => {
      const { user, item } = (value ?? {}) as { readonly user?: unknown; readonly item?: unknown };
      return user instanceof DegreeCurve && item instanceof DegreeCurve;
    },
  },
};

const clusterRules: Rules<keyof ClusterShape> = {
  nodes: integer(1, 100_000),
  threads: integer(0, 1024),
  networkBitsPerSecond: numberAbove(0),
  memoryBytes: numberAbove(0),
  routing: oneOf('auto', 'broadcast', 'routed'),
  road: oneOf('server', 'direct'),
  onOneMachine: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
};

/** The shape of ratings that are there, with the lengths of their rows. */
export function shapeOfRatings({ byUser, byItem }: Pick<RatingsOutline, 'byUser' | 'byItem'>) {
  const curve = ({ rowCount, offsets }: RowLengths) =>
    curveOfRows({ rowCount, entriesBefore: (row) => offsets[row]! });
  const degrees: Degrees = { user: curve(byUser), item: curve(byItem) };
  const { entries: ratings } = degrees.user;
  return { users: byUser.rowCount, items: byItem.rowCount, ratings, degrees };
}

/** Throws `InvalidOptionError`. */
export function resolveShape(shape: TrainingShape): ResolvedShape {
  checkOptions({ of: 'planTraining' }, shape, shapeRules);
  for (const name of ['users', 'items', 'ratings'] as const) {
    if (shape[name] === undefined) {
      throw new InvalidOptionError(name, undefined, shapeRules[name].expected);
    }
  }
  const { users, items, ratings, blocks, longestItemRow } = shape;
  if (ratings > users * items) {
    throw new InvalidOptionError(
      'ratings',
      `found ${ratings} ratings of ${users} × ${items}; expected no more than there are pairs, ` +
        `${users * items}`,
    );
  }
  if (longestItemRow !== undefined && longestItemRow > users) {
    throw new InvalidOptionError('longestItemRow', longestItemRow, `no more than ${users} users`);
  }
  const { rank, solver, cgSteps, subspaceSize } = { ...defaultJobOptions, ...given(shape) };
  if (rank > maxRankOfWhole && solver !== 'subspace') {
    const expected = `an integer from 1 to ${maxRankOfWhole}, or solver 'subspace'`;
    throw new InvalidOptionError('rank', rank, expected);
  }
  const { start = usualStart(solver) } = shape;
  const { iterations = expectedIterations(solver, start).lists.median } = shape;
  const sizes = { users, items, ratings, longestItemRow };
  const degrees = shape.degrees ?? { user: userCurve(sizes), item: itemCurve(sizes) };
  const job = { rank, iterations, solver, start, cgSteps, subspaceSize };
  return { users, items, ratings, blocks, degrees, ...job };
}

/** Throws `InvalidOptionError`. */
export function resolveCluster(cluster: ClusterShape, figures: MachineFigures): ResolvedCluster {
  checkOptions({ of: 'planTraining' }, cluster, clusterRules);
  if ((figures as MachineFigures | null)?.format !== 3) {
    throw new InvalidOptionError(
      'figures',
      figures,
      'what seesaw plan --calibrate keeps, in format 3',
    );
  }
  const inProcess = cluster.threads === 0;
  if (inProcess && (cluster.nodes ?? 1) > 1) {
    throw new InvalidOptionError('threads', 0, 'at least 1 on nodes');
  }
  return {
    nodes: 1,
    threads: figures.machine.cores,
    networkBitsPerSecond: 25e9,
    memoryBytes: 64e9,
    routing: 'auto',
    road: 'server',
    onOneMachine: false,
    ...given(cluster),
    ...(inProcess && { threads: 1 }),
    inProcess,
  };
}

/** The options that are not undefined. */
function given<Options extends object>(
  options: Options,
): { [K in keyof Options]: NonNullable<Options[K]> } {
  // What is undefined is left out.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof Options]: NonNullable<Options[K]>;
  };
}
