import type { listMetrics } from './metric-names.js';
import {
  aucAtK,
  averagePrecisionAtK,
  type Hits,
  hitAtK,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRankAtK,
} from './ranking-metrics.js';

/** One user's list, against what was withheld. */
export interface JudgedList {
  readonly hits: Hits;
  /** Item positions of the list; negative for an item that the ratings do not know. */
  readonly positions: readonly number[];
  readonly relevantCount: number;
  /** Items that could have been in the list. */
  readonly candidateCount: number;
}

/** The figures of one list; coverage is no figure of one list. */
const figureOf: Record<
  Exclude<(typeof listMetrics)[number], 'coverage'>,
  (list: JudgedList, k: number) => number
> = {
  recall: ({ hits, relevantCount }, k) => recallAtK(hits, relevantCount, k),
  precision: ({ hits }, k) => precisionAtK(hits, k),
  ndcg: ({ hits, relevantCount }, k) => ndcgAtK(hits, relevantCount, k),
  map: ({ hits, relevantCount }, k) => averagePrecisionAtK(hits, relevantCount, k),
  mrr: ({ hits }, k) => reciprocalRankAtK(hits, k),
  hitRate: ({ hits }, k) => hitAtK(hits, k),
  auc: ({ hits, relevantCount, candidateCount }, k) =>
    aucAtK(hits, relevantCount, candidateCount, k),
};

/** Sums what lists score at several cutoffs. */
export class ListFigures {
  readonly #cutoffs: readonly number[];
  readonly #sums: {
    name: string;
    figure: (list: JudgedList) => number;
    sum: number;
    count: number;
  }[];
  /** Best rank, 0 first, that an item had on any list. */
  readonly #bestRanks: Float64Array;

  constructor(cutoffs: readonly number[], itemCount: number) {
    this.#cutoffs = cutoffs;
    this.#bestRanks = new Float64Array(itemCount).fill(Number.POSITIVE_INFINITY);
    this.#sums = cutoffs.flatMap((k) =>
      Object.entries(figureOf).map(([metric, of]) => ({
        name: `${metric}@${k}`,
        figure: (list: JudgedList) => of(list, k),
        sum: 0,
        count: 0,
      })),
    );
  }

  add(list: JudgedList): void {
    for (const of of this.#sums) {
      const figure = of.figure(list);
      // Without an irrelevant candidate a list has no AUC.
      if (Number.isNaN(figure)) continue;
      of.sum += figure;
      of.count++;
    }
    for (const [rank, position] of list.positions.entries()) {
      if (rank < this.#bestRanks[position]!) this.#bestRanks[position] = rank;
    }
  }

  /** Metric → mean over the lists, `coverage` → share of the items on any; NaN without lists. */
  means(): Record<string, number> {
    const means: Record<string, number> = {};
    for (const { name, sum, count } of this.#sums) means[name] = sum / count;
    const isEmpty = this.#sums.every(({ count }) => count === 0);
    for (const k of this.#cutoffs) {
      const covered = this.#bestRanks.reduce((count, rank) => count + (rank < k ? 1 : 0), 0);
      means[`coverage@${k}`] = isEmpty ? Number.NaN : covered / this.#bestRanks.length;
    }
    return means;
  }
}
