import { InvalidOptionError } from '../errors.js';

/** Metrics of lists, in the order of reports; each is measured at every cutoff k. */
export const listMetrics = [
  'recall',
  'precision',
  'ndcg',
  'map',
  'mrr',
  'hitRate',
  'auc',
  'coverage',
] as const;

/** Name of a list metric at a cutoff: `recall@20`. */
export type ListMetric<K extends number = number> = `${(typeof listMetrics)[number]}@${K}`;

/**
 * The same name as editors offer it: at the cutoffs that are known, else at usual ones. The
 * intersection keeps TypeScript from making a union of literals and the template that covers them
 * the template alone; `{}` undoes this.
 */
export type OfferedMetric<K extends number = number> = number extends K
  ? ListMetric<5 | 10 | 20 | 50 | 100> | (ListMetric & Record<never, never>)
  : ListMetric<K>;

/** Name of a figure that an evaluation can have; see docs/evaluation.md. */
export type MetricName = ListMetric | 'auc' | 'rmse' | 'mae';

/** What a metric's name says. */
export interface Metric {
  readonly name: MetricName;
  /** Length of the lists, for list metrics. */
  readonly k: number | undefined;
  /** Errors are better when they are lower, everything else when it is higher. */
  readonly isLowerBetter: boolean;
}

/** Reads a metric's name. Throws `InvalidOptionError` with the names that there are. */
export function parseMetric(name: MetricName): Metric {
  if (name === 'rmse' || name === 'mae') return { name, k: undefined, isLowerBetter: true };
  if (name === 'auc') return { name, k: undefined, isLowerBetter: false };
  const [metric, cutoff, ...rest] = typeof name === 'string' ? name.split('@') : [];
  const isKnown = listMetrics.some((known) => known === metric);
  if (!isKnown || cutoff === undefined || !/^[1-9]\d{0,8}$/.test(cutoff) || rest.length > 0) {
    const names = listMetrics.map((known) => `${known}@k`).join(', ');
    throw new InvalidOptionError('metric', name, `${names} such as 'ndcg@20', auc, rmse or mae`);
  }
  return { name, k: Number(cutoff), isLowerBetter: false };
}
