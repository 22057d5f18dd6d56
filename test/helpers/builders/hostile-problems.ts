import type { Solver } from '../../../src/kernels/kernel-names.js';
import { randomAt } from '../../../src/random.js';
import type { JobOptions } from '../../../src/training/options.js';

/** Ratings and options of a small problem. */
export interface Problem {
  readonly cells: readonly (readonly [user: number, item: number, rating: number])[];
  readonly users: number;
  readonly items: number;
  readonly options: JobOptions;
}

/** How rows of a problem are solved; `nonnegative` by `cholesky` with that option. */
export type ProblemSolver = Solver | 'nonnegative';

/** What numbers are drawn from. */
type Draw = () => number;

/**
 * A small problem under a seed. Hostile ones have weights from 1e-30 to 1e30, spread over many orders, λ
 * from 0 to 1e30, huge or tiny starting factors; ordinary ones what people train with, at its edges.
 *
 * @param solver one of them, by default the one that is drawn
 */
export function drawProblem(
  seed: number,
  kind: 'hostile' | 'ordinary',
  solver?: ProblemSolver,
): Problem {
  let count = 0;
  const draw = () => randomAt(kind === 'hostile' ? 11 : 12, seed, count++);
  const users = 2 + Math.floor(draw() * 14);
  const items = 2 + Math.floor(draw() * 12);
  const rating = kind === 'hostile' ? hostileRating(draw) : ordinaryRating(draw);
  const cells = drawCells(draw, users, items, rating);
  return { cells, users, items, options: drawOptions(draw, kind, seed, solver) };
}

function drawCells(draw: Draw, users: number, items: number, rating: () => number) {
  const density = pick(draw, [0, 0.1, 0.3, 1]);
  const cells: [number, number, number][] = [];
  const isRepeated = draw() < 0.2;
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      // Rows without ratings, single cells, and rows that are all alike.
      if (draw() < density) cells.push([user, item, isRepeated ? 3 : rating()]);
    }
  }
  return cells.length > 0 ? cells : [[users - 1, items - 1, rating()] as [number, number, number]];
}

function hostileRating(draw: Draw): () => number {
  const scale = 10 ** (60 * draw() - 30);
  const spread = pick(draw, [0, 0, 3, 30]);
  return () => Math.min(1e38, scale * (1 + 4 * draw()) * 10 ** (spread * (2 * draw() - 1)));
}

function ordinaryRating(draw: Draw): () => number {
  const scale = pick(draw, [1, 1, 0.01, 100, 352_698]);
  return () => scale * (1 + Math.floor(5 * draw()));
}

function drawOptions(
  draw: Draw,
  kind: 'hostile' | 'ordinary',
  seed: number,
  wanted: ProblemSolver | undefined,
): JobOptions {
  const drawn = pick(draw, ['cg', 'cg', 'cholesky', 'subspace', 'nonnegative'] as const);
  const solver = wanted ?? drawn;
  const isHostile = kind === 'hostile';
  const signed = solver !== 'nonnegative';
  const explicit = draw() < 0.5;
  return {
    // Coordinate descent on a singular system takes its time in the reference.
    rank: pick(draw, signed ? [1, 2, 4, 8, 13, 32] : [1, 2, 4]),
    iterations: 6,
    seed,
    solver: solver === 'nonnegative' ? 'cholesky' : solver,
    nonnegative: !signed,
    cgSteps: pick(draw, [1, 3, 3, 10]),
    subspaceSize: 8,
    regularization: isHostile
      ? pick(draw, signed ? [0, 0.01, 10 ** (60 * draw() - 30)] : [0.01, 10 ** (30 * draw())])
      : pick(draw, [1e-4, 0.01, 1, 100]),
    regularizationExponent: pick(draw, [0, 1]),
    initialScale: isHostile ? pick(draw, [0.1, 0.1, 1e-10, 1e6]) : 0.1,
    ...(explicit
      ? {
          feedback: 'explicit',
          biases: signed && draw() < 0.5,
          globalMean: signed && draw() < 0.5,
        }
      : {
          alpha: pick(draw, [1, 40]),
          unobservedWeight: pick(draw, [1, 0, 0.1]),
          objective: pick(draw, ['confidence', 'confidence', 'ials'] as const),
        }),
  };
}

function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[Math.floor(draw() * from.length)]!;
}
