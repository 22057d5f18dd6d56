import type { MachineFigures } from './machine-figures.js';
import { planTraining } from './plan-training.js';
import type { TrainingPlan } from './training-plan.js';

/** A line of the table that the notebook prints. */
export interface NotebookSetup {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly nodes: number;
  /** What the notebook prints as bytes of an iteration. */
  readonly printedBytes: number;
  /** Not in the notebook: assumed. */
  readonly ratings: number;
}

/** The notebook's setups. Its communication does not follow its own formula, factors × (users + items). */
export const notebookSetups: readonly NotebookSetup[] = Object.freeze([
  { name: 'Small', users: 10e3, items: 5e3, nodes: 1, printedBytes: 0, ratings: 1e6 },
  { name: 'Medium', users: 100e3, items: 50e3, nodes: 10, printedBytes: 5e6, ratings: 10e6 },
  { name: 'Large', users: 1e6, items: 500e3, nodes: 100, printedBytes: 50e6, ratings: 100e6 },
  { name: 'Netflix', users: 500e3, items: 18e3, nodes: 50, printedBytes: 9e6, ratings: 100e6 },
  { name: 'Spotify', users: 320e6, items: 70e6, nodes: 10_000, printedBytes: 280e6, ratings: 30e9 },
]);

/** The notebook's rank. */
const printedRank = 10;

/** A setup, recomputed. */
export interface RecomputedSetup extends NotebookSetup {
  readonly ranks: readonly {
    readonly rank: number;
    /** rank × (users + items) elements. */
    readonly copyBytes: { readonly float32: number; readonly float64: number };
    /** Float32 to all nodes but the one that has solved a row: (nodes − 1) copies. */
    readonly deliveredBytes: number;
  }[];
  /** At rank 64, on nodes of two threads, rows sent straight to nodes that need them. */
  readonly plan: TrainingPlan;
}

/** The notebook's table beside what its formula gives, for its own rank and for 64 and 128. */
export function recomputeSetups(figures?: MachineFigures): RecomputedSetup[] {
  return notebookSetups.map((setup) => {
    const { users, items, nodes, ratings } = setup;
    const ranks = [printedRank, 64, 128].map((rank) => {
      const elements = rank * (users + items);
      const copyBytes = { float32: 4 * elements, float64: 8 * elements };
      return { rank, copyBytes, deliveredBytes: (nodes - 1) * copyBytes.float32 };
    });
    const threads = 2;
    const blocks = nodes > 1 ? threads * nodes : undefined;
    const shape = { users, items, ratings, rank: 64, blocks };
    const cluster = { nodes, threads, road: 'direct', routing: 'routed' } as const;
    return { ...setup, ranks, plan: planTraining(shape, cluster, figures) };
  });
}
