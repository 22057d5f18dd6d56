import { aCount, checkOptions, type Rules } from '../check-options.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { ModelSide } from './model-side.js';
import type { RowEntries } from './row-entries.js';
import { contributionsTo } from './row-solver.js';

/** How much of an explanation is listed. */
export interface ExplainOptions {
  /** How many contributions to list, an integer ≥ 1. Default all. */
  readonly count?: number | undefined;
}

/** What one rating of the user adds to a score; negative if it speaks against the item. */
export interface Contribution {
  readonly itemId: Id;
  /** The rating as it came. */
  readonly rating: number;
  readonly contribution: number;
}

/**
 * Why an item has its score for a user:
 *
 *     score = baseline + Σ contributions + others
 */
export interface Explanation {
  readonly itemId: Id;
  /**
   * The score of the user's exact row, with the items' factors fixed: `foldInUser` of the user's
   * ratings gives this row.
   */
  readonly score: number;
  /**
   * The score of the stored row, which `predict` and `recommend` give. The two differ because `cg`
   * and `subspace` stop before the exact row, and because the items are solved once more after the
   * last user phase.
   */
  readonly predicted: number;
  /**
   * μ + b_i, the item's part that depends on no rating of the user; 0 in a model without biases and
   * mean.
   */
  readonly baseline: number;
  /** Largest first, ties in the order of the items. With biases, the user's own bias is among them. */
  readonly contributions: readonly Contribution[];
  /** Sum of the contributions that `count` left out. */
  readonly others: number;
}

const rules: Rules<keyof ExplainOptions> = { count: aCount };

/** Throws `InvalidOptionError` or `SingularSystemError`. */
export function explain(
  { position, predicted }: { readonly position: number; readonly predicted: number },
  entries: RowEntries,
  items: ModelSide,
  options: ExplainOptions,
): Explanation {
  checkOptions({ of: 'explain' }, options, rules);
  const { count = Number.MAX_SAFE_INTEGER } = options;
  const baseline = items.globalMean + (items.biases?.[position] ?? 0);
  const amounts = contributionsTo(items, entries, position);
  const score = amounts.reduce((sum, amount) => sum + amount, baseline);
  const order = Array.from(amounts.keys()).sort((a, b) => amounts[b]! - amounts[a]! || a - b);
  const contributions = order.slice(0, count).map((entry) => ({
    itemId: items.ids.at(entries.positions[entry]!),
    rating: entries.ratings[entry]!,
    contribution: amounts[entry]!,
  }));
  const others = order.slice(count).reduce((sum, entry) => sum + amounts[entry]!, 0);
  return { itemId: items.ids.at(position), score, predicted, baseline, contributions, others };
}
